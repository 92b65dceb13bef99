"Draw NEXT: one description, the whole (nbs/images/next.svg) and its panels (`--check`: only compare)"
import sys
from html import escape
from pathlib import Path

IMAGES = Path(__file__).resolve().parents[2] / "nbs" / "images"
MODALITY = {"RGB": ("#2f6fb5", "#dbe9f7"), "NIR": ("#737b87", "#eceef1"), "TIR": ("#c2473a", "#fbe1dd")}  # line, fill
TEXT, TMSE, CSSE, PLAIN = ("#a67c12", "#fdf3d3"), ("#2f7d46", "#e0f2e4"), ("#6552b0", "#e9e5f7"), ("#3b3f46", "#ffffff")
SAMPLED = {"RGB": ("10100", "01001", "00010"), "NIR": ("01010", "10000", "00101"), "TIR": ("11001", "00100", "01011")}  # expert by sentence
CHOSEN = {"RGB": (1, 4, 5, 7, 10, 13), "NIR": (1, 4, 7, 8, 10, 11), "TIR": (2, 4, 5, 8, 10, 14)}  # of 5 rows of 3 patches


class Sheet:
    "Shapes in the order in which they are drawn"

    def __init__(self, width: float, height: float, title: str):
        self.size, self.title, self.out = (width, height), title, []

    def box(self, x, y, w, h, colour=PLAIN, lines=(), size=13, dash=False, round_=6, bold=False):
        "A rectangle with lines of text in its middle"
        dashed = ' stroke-dasharray="5 4"' if dash else ""
        self.out.append(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{round_}" fill="{colour[1]}" stroke="{colour[0]}"{dashed}/>')
        lines = [lines] if isinstance(lines, str) else lines
        for i, line in enumerate(lines):
            self.text(x + w / 2, y + h / 2 + size * (0.35 + 1.2 * (i - (len(lines) - 1) / 2)), line, size, colour[0], bold=bold)

    def text(self, x, y, text, size=13, colour="#3b3f46", anchor="middle", bold=False):
        "Text; `_{...}` and `^{...}` set lower and upper marks, *letters* are slanted"
        spans, rest, shift = [], text, 0
        while rest:
            kind = min((k for k in ("_{", "^{", "*") if k in rest), key=rest.index, default=None)
            before, rest = (rest, "") if kind is None else rest.split(kind, 1)
            if before: spans, shift = [*spans, f'<tspan dy="{-shift}">{escape(before)}</tspan>'], 0
            if kind is None: break
            inner, rest = rest.split("*" if kind == "*" else "}", 1)
            dy = 0 if kind == "*" else 4 if kind == "_{" else -5
            style = 'font-style="italic" font-family="Georgia, DejaVu Serif, serif"'
            small = "" if kind == "*" else f' font-size="{size * 0.72:.1f}"'
            spans.append(f'<tspan dy="{dy - shift}" {style}{small}>{escape(inner)}</tspan>')
            shift = dy
        weight = ' font-weight="bold"' if bold else ""
        self.out.append(f'<text x="{x}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight} xml:space="preserve">{"".join(spans)}</text>')

    def arrow(self, *points, colour="#3b3f46", head=True):
        "A line through points"
        end = ' marker-end="url(#head)"' if head else ""
        self.out.append(f'<polyline points="{" ".join(f"{x},{y}" for x, y in points)}" fill="none" stroke="{colour}" stroke-width="1.4"{end}/>')

    def circle(self, x, y, text, r=11):
        self.out.append(f'<circle cx="{x}" cy="{y}" r="{r}" fill="#ffffff" stroke="#3b3f46"/>')
        self.text(x, y + 5, text, 14)

    def patches(self, x, y, name, side=13, chosen=range(15)):
        "A picture as 5 rows of 3 patches; those that are not chosen stay pale"
        line, fill = MODALITY[name]
        for i in range(15):
            on = i in chosen
            self.out.append(f'<rect x="{x + i % 3 * side}" y="{y + i // 3 * side}" width="{side - 1.5}" height="{side - 1.5}" '
                            f'fill="{line if on else fill}" fill-opacity="{0.55 if on else 1}" stroke="{line}" stroke-width=".6"/>')

    def tokens(self, x, y, name, count=3, side=15, more=True):
        "A row of patch tokens"
        for i in range(count): self.box(x + i * (side + 3), y, side, side, MODALITY[name], round_=2)
        if more: self.text(x + count * (side + 3) + 5, y + side - 3, "…", 13)

    def svg(self) -> str:
        w, h = self.size
        head = '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto"><path d="M0,0 L10,5 L0,10 z" fill="#3b3f46"/></marker></defs>'
        return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" font-family="Helvetica, Arial, DejaVu Sans, sans-serif">'
                f'<title>{escape(self.title)}</title>{head}<rect width="{w}" height="{h}" fill="#ffffff"/>\n' + "\n".join(self.out) + "\n</svg>\n")


def frame(s, x, y, w, h, title, colour=PLAIN):
    s.box(x, y, w, h, (colour[0], "#ffffff"), round_=10, dash=True)
    s.text(x + 12, y + 21, title, 14, colour[0], "start", bold=True)


def sampling(s, x, y):
    "330 x 250: sentences of three captions, sampled anew for each expert, become one vector an expert"
    frame(s, x, y, 330, 250, "Caption sampling", TEXT)
    for j, (name, rows) in enumerate(SAMPLED.items()):
        s.text(x + 96 + 62 * j, y + 48, name, 12, MODALITY[name][0], bold=True)
        for e, row in enumerate(rows):
            for i, on in enumerate(row):
                line, fill = MODALITY[name]
                s.out.append(f'<rect x="{x + 72 + 62 * j}" y="{y + 58 + 52 * e + 8 * i}" width="{(48, 40, 46, 36, 42)[i]}" height="5.5" rx="2" '
                             f'fill="{line if on == "1" else fill}" stroke="{line}" stroke-width=".5"/>')
    for e in range(3):
        s.text(x + 36, y + 82 + 52 * e, "expert *" + ("1", "2", "E")[e] + "*", 12, TMSE[0])
        s.arrow((x + 248, y + 78 + 52 * e), (x + 266, y + 78 + 52 * e))
        s.box(x + 268, y + 66 + 52 * e, 46, 25, TEXT, "*t*_{" + "12E"[e] + "}")
    s.text(x + 165, y + 225, "S sentences a caption; filled: sampled", 11.5)
    s.text(x + 165, y + 241, "text encoder (frozen): one vector an expert", 11.5, TEXT[0])


def encoder(s, x, y):
    "330 x 290: three pictures through one visual encoder"
    frame(s, x, y, 330, 290, "One visual encoder for all modalities")
    for j, name in enumerate(MODALITY):
        s.patches(x + 46 + 100 * j, y + 183, name, chosen=())
        s.text(x + 65 + 100 * j, y + 264, name, 12, MODALITY[name][0], bold=True)
        s.arrow((x + 65 + 100 * j, y + 181), (x + 65 + 100 * j, y + 163))
        s.arrow((x + 65 + 100 * j, y + 119), (x + 65 + 100 * j, y + 97))
        s.box(x + 23 + 100 * j, y + 38, 84, 23, MODALITY[name], "*F*^{cls}_{" + name[0].lower() + "}", 13)
        s.tokens(x + 26 + 100 * j, y + 73, name, 3)
    s.box(x + 20, y + 121, 290, 41, ("#2f6fb5", "#eef4fb"), ("CLIP visual encoder (learnable, shared)",), 13)
    s.text(x + 165, y + 281, "M = 3 pictures, N patches each, width D", 11.5)


def tmse(s, x, y):
    "560 x 300: routers and text choose K patches of each modality for every expert"
    frame(s, x, y, 560, 300, "TMSE: text-modulated semantic experts", TMSE)
    for j, name in enumerate(MODALITY):
        line = MODALITY[name]
        s.box(x + 18 + 62 * j, y + 40, 54, 23, line, "*F*^{cls}_{" + name[0].lower() + "}", 12)
        s.arrow((x + 45 + 62 * j, y + 64), (x + 45 + 62 * j, y + 82))
        s.box(x + 25 + 62 * j, y + 84, 40, 24, line, "*R*_{" + name[0].lower() + "}", 13)
        s.box(x + 25 + 62 * j, y + 196, 40, 22, line, "*F*^{tok}", 12)
    s.text(x + 107, y + 125, "router scores *α*_{m}  (M, N)", 12)
    s.arrow((x + 198, y + 96), (x + 330, y + 96))
    s.text(x + 264, y + 90, "*α*", 15)
    s.box(x + 25, y + 247, 164, 25, TEXT, "text of expert *e*:  *t*_{e}", 12)
    s.arrow((x + 107, y + 246), (x + 107, y + 233), (x + 214, y + 233), (x + 214, y + 220))
    s.arrow((x + 191, y + 207), (x + 201, y + 207))
    s.circle(x + 214, y + 207, "∗")
    s.text(x + 214, y + 188, "cosine", 11.5)
    s.arrow((x + 226, y + 207), (x + 258, y + 207))
    s.text(x + 243, y + 199, "*β*_{e}", 15)
    s.box(x + 260, y + 192, 88, 30, PLAIN, "FC · σ · FC", 12)
    s.arrow((x + 342, y + 191), (x + 342, y + 109))
    s.text(x + 357, y + 154, "*Δ*_{e}", 15)
    s.circle(x + 342, y + 96, "+")
    s.arrow((x + 354, y + 96), (x + 390, y + 96))
    s.text(x + 371, y + 88, "*γ*_{e}", 15)
    for j, (name, on) in enumerate(CHOSEN.items()): s.patches(x + 394 + 50 * j, y + 62, name, 13, on)
    s.text(x + 468, y + 51, "K largest of each modality", 12)
    s.arrow((x + 464, y + 132), (x + 464, y + 150))
    s.box(x + 392, y + 152, 148, 26, TMSE, "× sigmoid(*γ*_{e})", 12)
    s.arrow((x + 464, y + 179), (x + 464, y + 196))
    for j in range(3): s.box(x + 392 + 50 * j, y + 198, 46, 30, TMSE, ("expert *1*", "expert *e*", "expert *E*")[j], 9.5, dash=j != 1)
    s.arrow((x + 464, y + 229), (x + 464, y + 246))
    s.text(x + 464, y + 264, "expert tokens *H*  (E, M K, D)", 12, TMSE[0])
    s.text(x + 280, y + 290, "text decides where an expert looks; the text itself is not a part of its tokens", 11.5)


def csse(s, x, y):
    "560 x 240: one router for the patches of all modalities"
    frame(s, x, y, 560, 240, "CSSE: context-shared structure experts", CSSE)
    for j, name in enumerate(MODALITY): s.tokens(x + 24, y + 48 + 30 * j, name, 4, 18)
    s.text(x + 72, y + 154, "all patches *X*  (M N, D)", 12)
    s.arrow((x + 126, y + 87), (x + 328, y + 87))
    s.text(x + 236, y + 80, "*X*", 14)
    s.arrow((x + 156, y + 87), (x + 156, y + 173), (x + 178, y + 173))
    s.box(x + 180, y + 150, 110, 46, CSSE, ("one router *W*_{R}", "for all modalities"), 12)
    s.arrow((x + 291, y + 173), (x + 460, y + 173), (x + 460, y + 149))
    s.text(x + 376, y + 166, "gate *G*: softmax over experts", 12)
    for j in range(3):
        s.box(x + 330, y + 42 + 38 * j, 92, 28, CSSE, ("expert *1*", "expert *2*", "expert *E*")[j], 12)
        s.arrow((x + 423, y + 56 + 38 * j), (x + 448, y + 56 + 38 * j))
        s.circle(x + 460, y + 56 + 38 * j, "×")
        s.arrow((x + 472, y + 56 + 38 * j), (x + 500, y + 56 + 38 * j))
        s.text(x + 520, y + 61 + 38 * j, "*H*_{" + "12E"[j] + "}", 14, CSSE[0])
        if j < 2: s.out.append(f'<line x1="{x + 460}" y1="{y + 94 + 38 * j - 12}" x2="{x + 460}" y2="{y + 56 + 38 * j + 12}" stroke="#3b3f46" stroke-width="1.4"/>')
    s.text(x + 280, y + 212, "every patch goes to every expert, by its share *G*_{e}", 12)
    s.text(x + 280, y + 230, "expert tokens *H*  (E, M N, D): all patches stay, no text", 11.5)


def mgfa(s, x, y, height=560):
    "300 x 560 (or lower): class tokens ask the experts of each branch"
    frame(s, x, y, 300, height, "MGFA: aggregation")
    gap = height / 2 - 30
    for k, (name, colour) in enumerate((("TMSE", TMSE), ("CSSE", CSSE))):
        top = y + 40 + gap * k
        for j in range(3): s.box(x + 14, top + 8 + 42 * j, 78, 32, colour, ("expert *1*", "expert *2*", "expert *E*")[j], 11.5)
        s.arrow((x + 93, top + 66), (x + 130, top + 66))
        s.text(x + 53, top + 152, name + "'s *H*", 12, colour[0])
        s.box(x + 132, top + 40, 66, 52, colour, ("cross", "attention"), 11.5)
        for j, m in enumerate(MODALITY): s.box(x + 132 + 23 * j, top - 4, 20, 20, MODALITY[m], round_=3)
        s.arrow((x + 165, top + 17), (x + 165, top + 38))
        s.text(x + 208, top + 11, "class tokens", 11.5, anchor="start")
        s.text(x + 112, top + 58, "K, V", 10.5)
        s.text(x + 177, top + 31, "Q", 10.5)
        s.arrow((x + 199, top + 66), (x + 222, top + 66))
        s.box(x + 224, top + 50, 60, 32, colour, "*Z*  (M, D)", 11)
        s.arrow((x + 254, top + 83), (x + 254, top + 112))
        s.box(x + 200, top + 114, 88, 50, PLAIN, "", 10)
        s.text(x + 244, top + 134, "*L*_{id} + *L*_{tri}", 13)
        s.text(x + 244, top + 153, "identity, triplet", 10.5)
    s.text(x + 150, y + height - 32, "feature: [ *Z*_{TMSE} ; *Z*_{CSSE} ], flattened", 12.5, bold=True)
    s.text(x + 150, y + height - 13, "length 2 M D, compared by cosine", 11.5)


def whole(s, *_):
    "All panels, and what goes from one to the next"
    sampling(s, 14, 46)
    encoder(s, 14, 316)
    tmse(s, 380, 14)
    csse(s, 380, 366)
    mgfa(s, 980, 30, 560)
    for a, b in (((344, 150), (380, 150)), ((344, 520), (380, 520)), ((940, 160), (980, 160)), ((940, 480), (980, 480))):
        s.out.append(f'<line x1="{a[0] + 3}" y1="{a[1]}" x2="{b[0] - 3}" y2="{b[1]}" stroke="#3b3f46" stroke-width="3" marker-end="url(#head)"/>')
    s.out.append('<line x1="362" y1="517" x2="362" y2="240" stroke="#3b3f46" stroke-width="3"/>')
    s.out.append('<line x1="360.5" y1="240" x2="377" y2="240" stroke="#3b3f46" stroke-width="3" marker-end="url(#head)"/>')


DRAWINGS = {"next": (whole, 1294, 620, "NEXT: sampled sentences and one visual encoder feed two branches of experts, which class tokens aggregate"),
            "panel_sampling": (sampling, 330, 250, "Each expert receives its own sample of the sentences of three captions"),
            "panel_tmse": (tmse, 560, 300, "TMSE: routers and text choose patches for each expert"),
            "panel_csse": (csse, 560, 240, "CSSE: one router shares all patches among all experts"),
            "panel_mgfa": (mgfa, 300, 560, "MGFA: class tokens attend to the experts of each branch")}


def draw(name: str) -> str:
    "One drawing as SVG"
    panel, w, h, title = DRAWINGS[name]
    margin = 0 if name == "next" else 4
    s = Sheet(w + 2 * margin, h + 2 * margin, title)
    panel(s, margin, margin)
    return s.svg()


if __name__ == "__main__":
    stale = [n for n in DRAWINGS if not (f := IMAGES / f"{n}.svg").exists() or f.read_text() != draw(n)]
    if "--check" in sys.argv: sys.exit(f"out of date: {', '.join(stale)}: run .github/scripts/draw_next.py" if stale else 0)
    for n in DRAWINGS: (IMAGES / f"{n}.svg").write_text(draw(n))
