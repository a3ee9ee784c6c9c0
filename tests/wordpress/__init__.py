"""A real WordPress for the suite: Debian's packages, PHP's own web server and MariaDB, on 127.0.0.1 only.

def test_something(wordpress_site):             # fixtures.py: also wordpress_plain, wordpress_far, wordpress_sites
wordpress_site.reset()                      # as it was first filled (content.php, fill.php)
…wordpress_site.url…                        # what the product is given
truth(wordpress_site)                       # truth.py: what the site's database says is public
events.trash(wordpress_site, 44)            # events.py: what happens on a blog between two polls
wordpress_site.play("php_warning")          # plays.php: the broken sites by name
wordpress_site.requests()                   # access.py: what was asked
"""
