<?php
/**
 * One SQL statement from standard input, its rows as JSON on standard output.
 * Use: php query.php SOCKET DATABASE
 */
[ , $socket, $database ] = $argv;
mysqli_report( MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT );
$db = mysqli_init();
$db->options( MYSQLI_OPT_INT_AND_FLOAT_NATIVE, 1 );
$db->real_connect( 'localhost', 'root', '', $database, 0, $socket );
$db->set_charset( 'utf8mb4' );
$result = $db->query( stream_get_contents( STDIN ) );
$rows   = $result instanceof mysqli_result ? $result->fetch_all( MYSQLI_ASSOC ) : array();
echo json_encode( $rows, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE );
