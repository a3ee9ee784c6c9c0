"""Posts for benchmarks: generated, seeded, in the shapes that WordPress sites have.

Block editor, classic editor, page builder, posts about code, and markup that nobody closed.
"""

import random

ONSETS = ("ka", "lo", "mi", "te", "su", "ve", "do", "pi", "ra", "sho", "fa", "zu")
SYLLABLES = tuple(onset + end for onset in ONSETS for end in ("", "n", "r"))
SCRIPTS = ("дом лес река ветер", "猫が好きです 今日は晴れ 東京へ行く", "μέρα νύχτα θάλασσα", "بيت بحر سماء")
ENTITIES = ("&#8217;s", "&#8211;", "&#8220;", "&nbsp;", "&amp;", "&hellip;")
STYLES = ("", "", ' style="display:flex"', ' style="display: grid; gap: 1em"', ' style="color:red"')


class Posts:
    """Generates posts, each of one of five shapes."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def words(self, least: int, most: int) -> str:
        """Some words, now and then an entity or another script."""
        chosen = []
        for _ in range(self.random.randint(least, most)):
            if self.random.random() < 0.01:
                chosen.append(self.random.choice(SCRIPTS))
            word = "".join(self.random.choices(SYLLABLES, k=self.random.randint(1, 4)))
            chosen.append(word + (self.random.choice(ENTITIES) if self.random.random() < 0.03 else ""))
        return " ".join(chosen)

    def sentence(self) -> str:
        """Words with inline markup as editors leave it: spaces inside tags, half a word in bold."""
        kinds = (
            lambda: f"<strong>{self.words(1, 3)}</strong>",
            lambda: f'<a href="https://blog.example/?p={self.random.randint(1, 999)}&amp;s=1">{self.words(1, 4)}</a>',
            lambda: f"<em>{self.words(1, 2)} </em>{self.words(1, 2)}",
            lambda: f"{self.words(1, 1)}<b>{self.words(1, 1)}</b>,",
            lambda: f'<span style="font-weight: 400;">{self.words(2, 9)}</span>',
            lambda: f"<code>{self.words(1, 1)}()</code>",
        )
        parts = [self.words(4, 18)]
        while self.random.random() < 0.35:
            parts += [self.random.choice(kinds)(), self.words(2, 12)]
        return " ".join(parts) + "."

    def text(self) -> str:
        """A paragraph's content: sentences, perhaps with line breaks between."""
        glue = "<br />\n" if self.random.random() < 0.1 else " "
        return glue.join(self.sentence() for _ in range(self.random.randint(1, 5)))

    def listing(self, depth: int = 0) -> str:
        """A list, perhaps in a list, its items sometimes unclosed."""
        end = "</li>" if self.random.random() < 0.9 else ""
        items = []
        for _ in range(self.random.randint(2, 6)):
            inner = self.listing(depth + 1) if depth < 2 and self.random.random() < 0.15 else ""
            items.append(f"<li>{self.words(2, 12)}{inner}{end}")
        return "<ul>\n" + "\n".join(items) + "\n</ul>\n"

    def table(self) -> str:
        """A table with a head."""
        width = self.random.randint(2, 4)
        rows = [f"<tr>{''.join(f'<th>{self.words(1, 2)}</th>' for _ in range(width))}</tr>"]
        rows += [
            f"<tr>{''.join(f'<td>{self.words(1, 5)}</td>' for _ in range(width))}</tr>"
            for _ in range(self.random.randint(2, 6))
        ]
        return f'<figure class="wp-block-table"><table><tbody>{"".join(rows)}</tbody></table></figure>'

    def image(self) -> str:
        """An image as WordPress writes it, with a caption or without."""
        n = self.random.randint(100, 999)
        srcset = ", ".join(f"https://blog.example/u/{n}-{w}x{w}.jpg {w}w" for w in (300, 768, 1024, 1536))
        img = f'<img decoding="async" src="https://blog.example/u/{n}.jpg" alt="{self.words(1, 4)}" srcset="{srcset}"/>'
        caption = f'<figcaption class="wp-element-caption">{self.words(3, 9)}</figcaption>' * self.random.randint(0, 1)
        return f'<figure class="wp-block-image size-large">{img}{caption}</figure>'

    def embed(self) -> str:
        """A frame, a script, a style, or what stands in for a script."""
        return self.random.choice(
            (
                '<p><iframe src="https://player.example/1" title="film"></iframe></p>',
                '<script type="text/javascript">if (a < b) { document.write("<p>x</p>"); }</script>',
                "<style>.x > p { color: red }</style>",
                '<noscript><img src="https://blog.example/px.gif" alt=""/></noscript>',
            )
        )

    def block_editor(self) -> str:
        """Paragraphs, headings, lists, images and tables with block class names."""
        makers = [self.listing, self.image, self.table, self.embed]
        parts = []
        for _ in range(self.random.randint(6, 24)):
            r = self.random.random()
            if r < 0.68:
                parts.append(f'<p class="wp-block-paragraph">{self.text()}</p>')
            elif r < 0.82:
                parts.append(f'<h2 class="wp-block-heading">{self.words(2, 7)}</h2>')
            else:
                parts.append(self.random.choice(makers)())
        return "\n\n\n\n".join(parts)

    def classic_editor(self) -> str:
        """What wpautop leaves: line breaks, stray paragraph ends, aligned images, quotes."""
        parts = [f"<p>{self.text()}</p>" for _ in range(self.random.randint(4, 16))]
        parts.insert(1, f'<p><img class="alignleft" src="/a.jpg" alt="" />{self.text()}</p>')
        parts.insert(3, f"<blockquote><p>{self.text()}</p></blockquote>")
        parts.insert(4, f"<p>\n<div>{self.text()}</div>\n</p>")
        parts.append(self.listing())
        return "\n".join(parts)

    def page_builder(self) -> str:
        """Boxes in boxes, spans in spans, some laid out by inline styles."""
        parts = []
        for _ in range(self.random.randint(4, 12)):
            style = self.random.choice(
                ("", "", ' style="display:flex"', ' style="display: grid; gap: 1em"', ' style="color:red"')
            )
            cells = "".join(
                f'\n\t\t<div class="col"><span><span>{self.words(1, 6)}</span></span></div>'
                for _ in range(self.random.randint(1, 3))
            )
            parts.append(
                f'<section class="row"><div class="wrap">\n\t<div class="cols"{style}>{cells}\n\t</div></div></section>'
            )
            parts.append(f'<div class="text">\n\t\t\t{self.text()}\t\t</div>')
        return "\n".join(parts) + '<div style="display:none">hidden words</div>'

    def code(self) -> str:
        """Posts about programs: preformatted text with escaped markup."""
        parts = []
        for _ in range(self.random.randint(4, 10)):
            lines = "\n".join(
                "    " * self.random.randint(0, 3) + self.words(1, 5) for _ in range(self.random.randint(2, 12))
            )
            parts.append(f"<p>{self.text()}</p>")
            parts.append(f'<pre class="wp-block-code"><code>if a &lt; b &amp;&amp; c:\n{lines}\n</code></pre>')
        return "\n".join(parts)

    def careless(self) -> str:
        """What nobody closed: paragraphs, items, bold type over blocks, a list outside a list."""
        parts = [f"<p>{self.text()}" for _ in range(self.random.randint(3, 9))]
        parts.insert(1, f"<b><h3>{self.words(2, 5)}</h3>{self.text()}</b>")
        parts.insert(2, f"<table><tr><td>{self.words(1, 3)}<td>{self.words(1, 3)}<tr><td>{self.words(1, 3)}</table>")
        parts.append(f"<li>{self.words(2, 5)}<li>{self.words(2, 5)}</p></div> 3 < 4 & so on")
        return "\n".join(parts)

    def make(self, count: int) -> list[str]:
        """This many posts, in the shares that real sites have about."""
        shapes = [self.block_editor] * 9 + [self.classic_editor] * 5 + [self.page_builder] * 3
        shapes += [self.code] * 2 + [self.careless]
        return [self.random.choice(shapes)() for _ in range(count)]
