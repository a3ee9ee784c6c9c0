# ruff: noqa: RUF001  (sentences in the letters of their languages)
"""Languages: found in the words where they are enough, else as declared; and the same words never twice."""

import pytest

from ingest.corpus import Corpus, forget, languages
from ingest.corpus.languages import Known
from ingest.research import languages as found
from tests.corpus.making import AT, load, modified, post

SENTENCES = {
    "en": "This spring we planted a hedge behind the house, and by the end of the summer the first birds had moved in. "
    "They were louder than any of the neighbours, but nobody minded.",
    "de": "Im Frühling haben wir hinter dem Haus eine Hecke gepflanzt, und schon am Ende des Sommers waren die ersten "
    "Vögel eingezogen. Sie waren lauter als die Nachbarn, doch niemanden störte es.",
    "fr": "Au printemps nous avons planté une haie derrière la maison, et dès la fin de l'été les premiers oiseaux s'y "
    "étaient installés. Ils faisaient plus de bruit que les voisins, mais cela ne gênait personne.",
    "es": "En primavera plantamos un seto detrás de la casa y al final del verano ya habían llegado los primeros "
    "pájaros. Hacían más ruido que los vecinos, pero a nadie le molestaba.",
    "pt": "Na primavera plantámos uma sebe atrás da casa e no fim do verão já tinham chegado os primeiros pássaros. "
    "Faziam mais barulho do que os vizinhos, mas ninguém se importava com isso.",
    "it": "In primavera abbiamo piantato una siepe dietro la casa e alla fine dell'estate erano già arrivati i primi "
    "uccelli. Facevano più rumore dei vicini, ma la cosa non dava fastidio a nessuno.",
    "nl": "In het voorjaar hebben we achter het huis een haag geplant, en aan het eind van de zomer waren de eerste "
    "vogels er al ingetrokken. Ze maakten meer lawaai dan de buren, maar niemand vond dat erg.",
    "sv": "På våren planterade vi en häck bakom huset, och redan i slutet av sommaren hade de första fåglarna flyttat "
    "in. De var högljuddare än grannarna, men det var ingen som störde sig på det.",
    "fi": "Keväällä istutimme pensasaidan talon taakse, ja jo kesän lopussa ensimmäiset linnut olivat muuttaneet "
    "siihen. Ne pitivät enemmän ääntä kuin naapurit, mutta se ei haitannut ketään meistä lainkaan tänä vuonna.",
    "pl": "Wiosną posadziliśmy żywopłot za domem, a już pod koniec lata wprowadziły się do niego pierwsze ptaki. "
    "Były głośniejsze niż sąsiedzi, ale nikomu to nie przeszkadzało i wszyscy się cieszyli.",
    "cs": "Na jaře jsme za domem vysadili živý plot a už na konci léta se do něj nastěhovali první ptáci. Byli "
    "hlučnější než sousedé, ale nikomu to nevadilo a všichni jsme z nich měli radost.",
    "ru": "Весной мы посадили за домом живую изгородь, и уже в конце лета в ней поселились первые птицы. Они шумели "
    "больше, чем соседи, но это никому не мешало, и все были рады.",
    "el": "Την άνοιξη φυτέψαμε έναν φράχτη πίσω από το σπίτι και στο τέλος του καλοκαιριού είχαν ήδη έρθει τα πρώτα "
    "πουλιά. Έκαναν περισσότερο θόρυβο από τους γείτονες, αλλά δεν πείραζε κανέναν.",
    "tr": "İlkbaharda evin arkasına bir çit bitkisi diktik ve yazın sonunda ilk kuşlar çoktan yerleşmişti. "
    "Komşulardan daha gürültülüydüler ama bu kimseyi rahatsız etmedi, hatta herkes onları dinlemeyi çok sevdi.",
    "ja": "春に家の裏に生け垣を植えたところ、夏の終わりにはもう最初の鳥たちが住みついていました。隣の人たちよりもにぎやかでしたが、誰も気にしませんでした。",
    "zh": "春天我们在房子后面种了一道树篱，到了夏末，第一批小鸟已经搬了进来。它们比邻居还要吵，可是谁也不介意，大家都很高兴。",
    "ar": "في الربيع زرعنا سياجا من الشجيرات خلف البيت، وفي نهاية الصيف كانت الطيور الأولى قد سكنت فيه. كانت أكثر "
    "ضجيجا من الجيران، لكن ذلك لم يزعج أحدا منا بل فرح الجميع.",
    "he": "באביב שתלנו גדר חיה מאחורי הבית, וכבר בסוף הקיץ עברו לגור בה הציפורים הראשונות. הן הרעישו יותר מהשכנים, "
    "אבל זה לא הפריע לאף אחד וכולם שמחו מאוד.",
}  # fmt: skip
SHORT = "Back in a week, see you then."


@pytest.mark.parametrize("language", SENTENCES)
def test_languages_are_told_apart(language: str) -> None:
    """Two sentences are enough, surely enough, and the answer does not change with the number of times it is asked."""
    first = found.detect(SENTENCES[language])
    assert first.language == language
    assert (first.confidence or 0) >= 0.9
    assert found.detect(SENTENCES[language]) == first


@pytest.mark.parametrize(
    "text",
    ["", SHORT, "短い知らせです。", "https://blog.example/ " * 30, "1 2 3 4 5 6 7 8 9 10 " * 10, "☀ " * 100],
    ids=["empty", "short", "short and unspaced", "addresses", "numbers", "signs"],
)
def test_too_little_is_not_guessed(text: str) -> None:
    """A few words, addresses and numbers are in no language."""
    assert found.detect(text).language is None


def known(declared: str | None, site: str | None, detected: str | None) -> Known:
    """What is known of a post."""
    return Known(1, "0" * 16, declared, site, detected)


@pytest.mark.parametrize(
    ("declared", "site", "detected", "comes_to"),
    [
        (None, None, None, (None, None)),
        ("en-US", None, None, ("en-US", "declared")),
        (None, "de-AT", None, ("de-AT", "declared")),
        ("fr", "de", None, ("fr", "declared")),
        ("en-US", None, "id", ("id", "detected")),
        (None, None, "id", ("id", "detected")),
        ("pt-BR", None, "pt", ("pt-BR", "declared")),
        (None, "pt_BR", "pt", ("pt_BR", "declared")),
        ("nb-NO", None, "no", ("nb-NO", "declared")),
        ("hr", None, "bs", ("hr", "declared")),
        ("fr", "de", "de", ("de", "detected")),
        ("zh-TW", None, "zh", ("zh-TW", "declared")),
    ],
)
def test_whose_word_counts(
    declared: str | None, site: str | None, detected: str | None, comes_to: tuple[str | None, str | None]
) -> None:
    """The text's own language before the post's declaration, that before the site's; what agrees stays as declared."""
    assert found.settled(known(declared, site, detected)) == comes_to


def said(corpus: Corpus) -> list[tuple[str | None, str | None]]:
    """Language of each post, and whose word it is."""
    rows = corpus.rows("SELECT language, language_from FROM posts ORDER BY remote_id")
    return [(row["language"], row["language_from"]) for row in rows]


def test_posts_get_their_language(corpus: Corpus) -> None:
    """A site that declares English writes Indonesian now and then; what was declared is still there."""
    load(
        corpus,
        post("1", f"<p>{SENTENCES['fi']}</p>", language="en-US"),
        post("2", f"<p>{SENTENCES['en']}</p>", language="en-US"),
        post("3", f"<p>{SHORT}</p>", language="en-US"),
        post("4", f"<p>{SENTENCES['de']}</p>"),
        post("5", f"<p>{SHORT}</p>"),
    )
    assert found.annotate(corpus) == 4
    assert said(corpus) == [
        ("fi", "detected"), ("en-US", "declared"), ("en-US", "declared"), ("de", "detected"), (None, None),
    ]  # fmt: skip
    rows = corpus.rows("SELECT declared, detected FROM post_languages ORDER BY post_id")
    assert [tuple(row.values()) for row in rows] == [
        ("en-US", "fi"), ("en-US", "en"), ("en-US", None), (None, "de"), (None, None),
    ]  # fmt: skip
    corpus.conn.execute("UPDATE sites SET language = 'en-GB'")
    found.annotate(corpus)
    assert said(corpus)[4] == ("en-GB", "declared")


def test_the_same_words_are_guessed_once(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second call looks at nothing; a post that was edited is looked at again, and no revision comes of any of it."""
    asked: list[str] = []
    detect = found.detect
    monkeypatch.setattr(found, "detect", lambda text: asked.append(text) or detect(text))
    load(corpus, post("1", f"<p>{SENTENCES['de']}</p>"), post("2", f"<p>{SENTENCES['fr']}</p>"))
    found.annotate(corpus)
    before = corpus.conn.total_changes
    assert found.annotate(corpus) == 0
    assert (len(asked), corpus.conn.total_changes) == (2, before)
    load(corpus, post("2", f"<p>{SENTENCES['it']}</p>", modified=modified(9)))
    found.annotate(corpus)
    assert said(corpus) == [("de", "detected"), ("it", "detected")]
    assert len(asked) == 3
    assert corpus.rows("SELECT count(*) AS n FROM revisions") == [{"n": 1}]


def test_a_source_that_declares_again_is_no_news(corpus: Corpus) -> None:
    """Where a source's word comes back into the row, the text's own language is put back without being guessed anew."""
    load(corpus, post("1", f"<p>{SENTENCES['fi']}</p>", language="en-US"))
    found.annotate(corpus)
    corpus.conn.execute("UPDATE posts SET language = 'en-GB'")
    (row,) = languages.outdated(corpus.conn, found.made_by(), after=0, limit=9)
    assert (row.declared, row.detected, row.fresh) == ("en-GB", "fi", 1)
    found.annotate(corpus)
    assert said(corpus) == [("fi", "detected")]


def test_a_forgotten_post_is_in_no_language(corpus: Corpus) -> None:
    """Nothing is told of it any more, neither what was found nor what its site declares."""
    load(corpus, post("1", f"<p>{SENTENCES['fi']}</p>", language="en-US"))
    corpus.conn.execute("UPDATE sites SET language = 'en-GB'")
    found.annotate(corpus)
    forget.forget(corpus, [1], "asked to", AT)
    found.annotate(corpus)
    assert said(corpus) == [(None, None)]
    rows = corpus.rows("SELECT declared, detected, language FROM post_languages")
    assert rows == [{"declared": None, "detected": None, "language": None}]


def test_without_the_extra(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is as declared; what was found before in the same words stays; once the extra is there, all is."""
    load(corpus, post("1", f"<p>{SENTENCES['fi']}</p>", language="en-US"))
    with monkeypatch.context() as patch:
        patch.setattr(found, "made_by", lambda: None)
        found.annotate(corpus)
        assert said(corpus) == [("en-US", "declared")]
    found.annotate(corpus)
    assert said(corpus) == [("fi", "detected")]
    monkeypatch.setattr(found, "made_by", lambda: None)
    assert found.annotate(corpus) == 0
    load(corpus, post("1", f"<p>{SENTENCES['de']}</p>", language="en-US", modified=modified(9)))
    found.annotate(corpus)
    assert said(corpus) == [("en-US", "declared")]


def test_a_declaration_is_compared_with_the_declaration(corpus: Corpus) -> None:
    """A feed that says `en-US` of a Finnish post again, in other bytes, has not changed anything."""
    load(corpus, post("1", f"<p>{SENTENCES['fi']}</p>", language="en-US"))
    found.annotate(corpus)
    for number in range(3):
        again = post("1", f"<p>{SENTENCES['fi']}</p>", language="en-US", raw=b"again %d" % number)
        poorer = post("1", f"<p>{SENTENCES['fi']}</p>", language="en-US", raw=b"feed %d" % number, rank="feed")
        assert (load(corpus, again).changed, load(corpus, poorer, kind="feed").changed) == (0, 0)
        assert found.annotate(corpus) in {0, 1}
        assert said(corpus) == [("fi", "detected")]
    assert corpus.rows("SELECT declared FROM post_languages") == [{"declared": "en-US"}]
    load(corpus, post("1", f"<p>{SENTENCES['fi']}</p>", language="sv", raw=b"sv", modified=modified(20)))
    found.annotate(corpus)
    assert corpus.rows("SELECT declared, language FROM post_languages") == [{"declared": "sv", "language": "fi"}]
