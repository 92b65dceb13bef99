// What a model found, to look through: a browser of queries, a map of features, and the patches that experts choose.
// JupyterLab runs it by anywidget, a plain page by the line that is added at its end. Data never becomes code:
// texts are text nodes, and a picture is shown only if it is a data URI of a picture.
const SVG = 'http://www.w3.org/2000/svg';
const PICTURE = /^data:image\/(webp|png|jpeg);base64,[A-Za-z0-9+/=]+$/;
const MODALITIES = ['RGB', 'NIR', 'TIR'];
const MARKS = {right: '✓', wrong: '✗', removed: '⊘'};

function fill(element, attributes, inside) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...inside.flat(2).filter((x) => x !== null && x !== undefined));
  return element;
}
const make = (tag, attributes = {}, ...inside) => fill(document.createElement(tag), attributes, inside);
const draw = (tag, attributes = {}, ...inside) => fill(document.createElementNS(SVG, tag), attributes, inside);
const picture = (uri, alt, kind = '') => PICTURE.test(uri || '')
  ? make('img', {src: uri, alt, class: kind, loading: 'lazy'}) : make('span', {class: `lost ${kind}`}, 'no picture');
const known = (x) => x !== null && x !== undefined;
const fixed = (x, digits) => known(x) ? x.toFixed(digits).replace('-', '−') : '–';
const percent = (x) => known(x) ? `${(100 * x).toFixed(1)} %` : '–';
const choice = (label, options, change) => make('label', {}, label, ' ', make('select', {change},
  options.map(([value, text]) => make('option', {value}, text))));
const distinct = (values) => [...new Set(values)].sort((a, b) => a - b || String(a).localeCompare(String(b)));

// ---------------------------------------------------------------------------------------------- queries and answers
const COLUMNS = {
  identity: ['identity', (q, d) => d.triplets[q.triplet].identity, String],
  camera: ['camera', (q, d) => d.triplets[q.triplet].camera, String],
  AP: ['AP', (q) => q.models[0].AP, percent], other: ['AP of the other', (q) => q.models[1].AP, percent],
  difference: ['difference', (q) => q.models[0].AP - q.models[1].AP, (x) => fixed(100 * x, 1)],
  first: ['first right', (q) => q.models[0].first, (x) => known(x) ? String(x) : '–'],
  margin: ['margin', (q) => q.models[0].margin, (x, d) => fixed(x, d.digits)],
  overlap: ['experts share', (q) => q.models[0].overlap, percent, 'share of its patches that two experts have in common'],
  change: ['due to text', (q) => q.models[0].change, percent, 'share of the patches that are chosen because of the text'],
};

function card(triplet, mark, head, foot, group) {
  const why = {right: 'right', wrong: 'another identity', removed: `not counted: same identity and ${group}`}[mark];
  return make('figure', {class: `card ${mark || 'query'}`, title: why},
    make('figcaption', {class: 'head'}, head, mark ? make('b', {'aria-label': why}, ` ${MARKS[mark]}`) : null),
    picture(triplet.picture, `${triplet.key}: ${MODALITIES.join(', ')}`),
    make('figcaption', {}, foot.map((line) => make('div', {}, line))));
}

function small(triplet) {  // the three parts of its picture side by side
  return MODALITIES.map((_, m) => { const p = picture(triplet.picture, '', 'small'); p.style.objectPosition = `0 ${50 * m}%`; return p; });
}

function answers(query, found, name, data) {
  const {triplets, group} = data, me = triplets[query.triplet], more = found.list.filter((a) => a.rank > data.answers);
  const line = (t) => [`identity ${t.identity}`, `camera ${t.camera}`];
  const cards = (list) => list.map((a) => card(triplets[a.triplet], a.mark, known(a.rank) ? String(a.rank) : '–',
    [fixed(a.similarity, data.digits), ...line(triplets[a.triplet])], group));
  const place = known(found.first) ? `the first right answer is at place ${found.first} of ${found.scored}`
    : 'no right answer is in the gallery';
  const taken = known(found.taken_for) ? `, taken for identity ${found.taken_for}` : '';
  return make('section', {class: 'answers'}, name ? make('h3', {}, name) : null,
    make('p', {}, `AP ${percent(found.AP)}: ${place}${taken}; margin ${fixed(found.margin, data.digits)}.`),
    make('div', {class: 'cards'}, card(me, null, 'query', ['\u00a0', ...line(me)], group),
      cards(found.list.filter((a) => !(a.rank > data.answers))),
      more.length ? make('span', {class: 'gap'}, '…') : null, cards(more)));
}

function scatter(shown, state, select, data) {
  const size = 300, at = (x) => 36 + x * (size - 48), line = (a, b, c, d) => draw('line', {x1: a, y1: b, x2: c, y2: d});
  const y = (v) => size + 12 - at(v), ticks = [0, 0.5, 1];
  const dot = (i) => {
    const [a, b] = data.queries[i].models.map((m) => m.AP);
    const side = a > b ? 'first' : a < b ? 'second' : 'even';
    return known(a) && known(b) ? draw('circle', {cx: at(a), cy: y(b), r: state.at === i ? 8 : 4, 'data-query': i,
      class: `dot ${side} ${state.at === i ? 'chosen' : ''}`, click: () => select(i)},
    draw('title', {}, data.triplets[data.queries[i].triplet].key)) : null;
  };
  return draw('svg', {viewBox: `0 0 ${size + 6} ${size + 24}`, class: 'scatter', role: 'img',
    'aria-label': 'AP of the one model against AP of the other, a point per query'},
  line(at(0), y(0), at(1), y(1)), line(at(0), y(0), at(1), y(0)), line(at(0), y(0), at(0), y(1)),
  ticks.map((t) => [draw('text', {x: at(t), y: y(0) + 14, 'text-anchor': 'middle'}, 100 * t),
    draw('text', {x: at(0) - 4, y: y(t) + 4, 'text-anchor': 'end'}, 100 * t)]),
  draw('text', {x: at(0.5), y: y(0) + 28, 'text-anchor': 'middle'}, `AP of ${data.models[0]}, %`),
  draw('text', {x: 10, y: y(0.5), 'text-anchor': 'middle', transform: `rotate(-90 10 ${y(0.5)})`}, `AP of ${data.models[1]}, %`),
  shown.map(dot));
}

function browser(root, data, host) {
  const two = data.models.length > 1;
  const columns = ['identity', 'camera', 'AP', ...(two ? ['other', 'difference'] : ['first', 'margin', 'overlap', 'change'])]
    .filter((c) => data.queries.some((q) => known(COLUMNS[c][1](q, data))));
  const state = {sort: two ? 'difference' : 'margin', down: false, at: null, camera: '', night: '', lacks: '', below: NaN, wrong: false, find: ''};
  const triplet = (i) => data.triplets[data.queries[i].triplet], of = (f) => data.triplets.map(f);
  const body = make('tbody', {}), head = make('tr', {}), count = make('output', {class: 'count'}), plot = make('div', {});
  const detail = make('div', {class: 'detail', 'aria-live': 'polite'}), set = (name) => (e) => { state[name] = e.target.value; list(); };
  const better = (sign) => data.queries.filter((q) => sign * (q.models[0].AP - q.models[1].AP) > 0).length;
  const wins = two ? make('p', {}, make('b', {class: 'right'}, `${data.models[0]} is better on ${better(1)} queries`), ', ',
    make('b', {class: 'wrong'}, `${data.models[1]} on ${better(-1)}`), '.') : null;
  let shown = [];

  const passes = (i) => {
    const t = triplet(i), m = data.queries[i].models[0], lacks = t.present.includes(state.lacks);
    return (state.camera === '' || String(t.camera) === state.camera) && (state.night === '' || String(t.night) === state.night)
      && (state.lacks === '' || (state.lacks === 'none' ? t.present.length === 3 : !lacks))
      && (Number.isNaN(state.below) || (known(m.margin) && m.margin < state.below)) && (!state.wrong || m.first !== 1)
      && `${t.key} ${t.identity}`.toLowerCase().includes(state.find);
  };
  function list() {
    const value = (i) => COLUMNS[state.sort][1](data.queries[i], data), sign = state.down ? -1 : 1;
    shown = data.queries.map((_, i) => i).filter(passes).sort((a, b) => {
      const x = value(a), y = value(b);
      return known(x) && known(y) ? sign * (x - y) || a - b : known(y) - known(x) || a - b;
    });
    const title = (c) => c === 'AP' && two ? `AP of ${data.models[0]}` : c === 'other' ? `AP of ${data.models[1]}` : COLUMNS[c][0];
    head.replaceChildren(make('th', {}, ''), ...columns.map((c) => make('th', {'aria-sort': c !== state.sort ? 'none' : state.down ? 'descending' : 'ascending'},
      make('button', {click: () => { state.down = state.sort === c && !state.down; state.sort = c; list(); }, 'data-sort': c, title: COLUMNS[c][3]},
        title(c), c === state.sort ? (state.down ? ' ▼' : ' ▲') : ''))));
    body.replaceChildren(...shown.map((i) => make('tr', {'data-query': i, click: () => { select(i); root.focus({preventScroll: true}); }},
      make('td', {class: 'triplet'}, small(triplet(i)), host.notes[triplet(i).key] ? make('i', {title: 'has a note'}, '✎') : null),
      columns.map((c) => make('td', {}, COLUMNS[c][2](COLUMNS[c][1](data.queries[i], data), data))))));
    const all = data.total > data.queries.length ? `${data.queries.length} of ${data.total} queries are on this page: ${data.chosen}` : `${data.total} queries`;
    count.textContent = `${shown.length} shown; ${all}`;
    select(shown.includes(state.at) ? state.at : shown[0] ?? null);
  }
  function select(i) {
    state.at = i;
    for (const row of body.children) row.classList.toggle('chosen', Number(row.dataset.query) === i);
    const row = body.querySelector('.chosen'), box = body.closest('.list');
    if (row && box && (row.offsetTop < box.scrollTop + 40 || row.offsetTop + row.offsetHeight > box.scrollTop + box.clientHeight)) box.scrollTop = row.offsetTop - box.clientHeight / 2;
    if (two) plot.replaceChildren(scatter(shown, state, select, data));
    if (i === null) { detail.replaceChildren(make('p', {}, 'No query passes these filters.')); return; }
    const q = data.queries[i], t = triplet(i), night = {true: ', by night (RGB is dark)', false: ', by day (RGB is bright)'}[t.night] || '';
    const note = make('textarea', {rows: 2, placeholder: 'a note on this query (key N; Esc leaves)', 'aria-label': 'note',
      input: (e) => { host.write(t.key, e.target.value); }});
    note.value = host.notes[t.key] || '';
    detail.replaceChildren(make('h2', {}, t.key),
      make('p', {}, `Identity ${t.identity}, camera ${t.camera}${night}; ${t.present.length === 3 ? 'complete' : `${t.present.join(' and ')} only`}.`),
      ...q.models.map((m, k) => answers(q, m, two ? data.models[k] : '', data)), note,
      q.captions.some((c) => c) ? make('details', {}, make('summary', {}, 'captions'),
        q.captions.map((c, m) => make('p', {}, make('b', {}, `${MODALITIES[m]} `), c || 'none'))) : '');
  }
  function key(e) {
    if (e.target.matches('input, textarea, select')) { if (e.key === 'Escape') root.focus(); return; }
    const place = shown.indexOf(state.at), step = {ArrowDown: 1, j: 1, ArrowUp: -1, k: -1, Home: -shown.length, End: shown.length}[e.key];
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    if (step && shown.length) select(shown[Math.min(Math.max(place + step, 0), shown.length - 1)]);
    else if (e.key === 'n') detail.querySelector('textarea')?.focus();
    else return;
    e.preventDefault(); e.stopPropagation();
  }
  const any = ['', 'any'], lacking = MODALITIES.filter((m) => data.queries.some((_, i) => !triplet(i).present.includes(m)));
  root.append(make('div', {class: 'bar'},
    choice('camera', [any, ...distinct(of((t) => t.camera)).map((c) => [c, c])], set('camera')),
    of((t) => t.night).some(known) ? choice('light', [any, ['false', 'day'], ['true', 'night']], set('night')) : null,
    lacking.length ? choice('missing', [any, ['none', 'nothing'], ...lacking.map((m) => [m, m])], set('lacks')) : null,
    make('label', {}, 'margin below ', make('input', {type: 'number', step: 10 ** (1 - data.digits), name: 'margin', input: (e) => { state.below = e.target.valueAsNumber; list(); }})),
    make('label', {}, make('input', {type: 'checkbox', name: 'wrong', change: (e) => { state.wrong = e.target.checked; list(); }}), ' first answer is wrong'),
    make('input', {type: 'search', placeholder: 'key or identity', 'aria-label': 'find', input: (e) => { state.find = e.target.value.trim().toLowerCase(); list(); }}),
    host.download ? make('button', {click: host.download}, 'save notes') : null, count),
  make('p', {class: 'hint'}, make('span', {class: 'keys'}, '↑ ↓ next query · N note · click a column to sort · '), make('b', {class: 'right'}, '✓ right'), ' · ',
    make('b', {class: 'wrong'}, '✗ another identity'), ` · ⊘ not counted: same identity and ${data.group}`),
  make('div', {class: 'columns'}, make('div', {class: 'left'}, wins, plot, make('div', {class: 'list'}, make('table', {}, make('thead', {}, head), body))), detail));
  root.addEventListener('keydown', key);
  list();
}

// ----------------------------------------------------------------------------------------------------------- a map
const SAFE = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8c6bb1', '#7f7f7f'];  // after Okabe and Ito
const SCALE = [[0, 34, 78], [65, 77, 107], [124, 123, 120], [188, 175, 111], [254, 232, 56]];  // stops of cividis
const SHAPES = ['M-4 0A4 4 0 1 0 4 0A4 4 0 1 0-4 0', 'M-4-4H4V4H-4Z', 'M0-5L5 4H-5Z', 'M0-5.5L5.5 0L0 5.5L-5.5 0Z'];
function shade(share) {
  const x = Math.min(Math.max(share, 0), 1) * (SCALE.length - 1), i = Math.min(Math.floor(x), SCALE.length - 2);
  return `rgb(${SCALE[i].map((c, k) => Math.round(c + (x - i) * (SCALE[i + 1][k] - c))).join(' ')})`;
}

function map(root, data) {
  const W = 640, H = 440, state = {by: data.colours[0].name}, legend = make('div', {class: 'legend'}), below = make('div', {class: 'cards'});
  const words = make('p', {'aria-live': 'polite'}), points = draw('g', {}), frame = draw('rect', {class: 'brush'});
  const svg = draw('svg', {viewBox: `0 0 ${W} ${H}`, class: 'map', role: 'img', 'aria-label': 'a point per triplet; drag a box to see them'}, points, frame);
  const place = (p) => [14 + p.x * (W - 28), 14 + p.y * (H - 28)];
  function paint() {
    const c = data.colours.find((x) => x.name === state.by), given = c.values.filter(known);
    const low = Math.min(...given), high = Math.max(...given), kinds = distinct(given), place_ = new Map(kinds.map((k, i) => [k, i]));
    const style = (i) => {
      const v = c.values[i], n = place_.get(v);
      if (!known(v)) return ['#999', SHAPES[0]];
      if (c.kind === 'number') return [shade((v - low) / (high - low || 1)), SHAPES[0]];
      return [SAFE[n % SAFE.length], SHAPES[Math.floor(n / SAFE.length) % SHAPES.length]];
    };
    points.replaceChildren(...data.points.map((p, i) => {
      const [fill, d] = style(i), [x, y] = place(p);
      return draw('path', {d, fill, transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`, 'data-point': i});
    }));
    const swatch = (i, text) => make('span', {}, draw('svg', {viewBox: '-6 -6 12 12'}, draw('path', {d: style(i)[1], fill: style(i)[0]})), text);
    legend.replaceChildren(...c.kind === 'number'
      ? [`${c.name} ${low.toPrecision(2)} `, ...[0, 0.25, 0.5, 0.75, 1].map((s) => { const b = make('span', {class: 'step'}); b.style.background = shade(s); return b; }), ` ${high.toPrecision(2)}`]
      : [...kinds.slice(0, 12).map((k) => swatch(c.values.indexOf(k), `${c.name} ${c.words?.[k] ?? k}`)), kinds.length > 12 ? `and ${kinds.length - 12} more` : '']);
  }
  function show(chosen) {
    for (const e of points.children) e.classList.toggle('chosen', chosen.includes(Number(e.dataset.point)));
    const t = chosen.map((i) => data.triplets[data.points[i].triplet]), most = 60;
    const many = (n, one, several) => `${n} ${n === 1 ? one : several}`;
    words.textContent = t.length ? `${many(t.length, 'triplet', 'triplets')} of ${many(distinct(t.map((x) => x.identity)).length, 'identity', 'identities')} and ${
      many(distinct(t.map((x) => x.camera)).length, 'camera', 'cameras')}${t.length > most ? `; the first ${most}` : ''}` : 'No triplet is in that box.';
    below.replaceChildren(...t.slice(0, most).map((x, n) => card(x, null, `identity ${x.identity}`, [`camera ${x.camera}`, `AP ${percent(data.points[chosen[n]].AP)}`], '')));
  }
  let from = null;
  const where = (e) => { const b = svg.getBoundingClientRect(); return [(e.clientX - b.left) * W / b.width, (e.clientY - b.top) * H / b.height]; };
  const box = (a, b) => ({x: Math.min(a[0], b[0]), y: Math.min(a[1], b[1]), width: Math.abs(a[0] - b[0]), height: Math.abs(a[1] - b[1])});
  const resize = (b) => { for (const [k, v] of Object.entries(b)) frame.setAttribute(k, v); };
  svg.addEventListener('pointerdown', (e) => { from = where(e); if (e.isTrusted) svg.setPointerCapture(e.pointerId); e.preventDefault(); });
  svg.addEventListener('pointermove', (e) => { if (from) resize(box(from, where(e))); });
  svg.addEventListener('pointerup', (e) => {
    if (!from) return;
    const b = box(from, where(e)), middle = [b.x + b.width / 2, b.y + b.height / 2], click = b.width + b.height < 6;
    const far = (p) => Math.hypot(place(p)[0] - middle[0], place(p)[1] - middle[1]);
    const all = data.points.map((_, i) => i), near = all.reduce((a, i) => far(data.points[i]) < far(data.points[a]) ? i : a, 0);
    const inside = (p) => { const [x, y] = place(p); return x >= b.x && x <= b.x + b.width && y >= b.y && y <= b.y + b.height; };
    if (click) resize({x: 0, y: 0, width: 0, height: 0});
    from = null;
    show(click ? [near] : all.filter((i) => inside(data.points[i])));
  });
  root.append(make('div', {class: 'bar'}, choice('colour', data.colours.map((c) => [c.name, c.name]), (e) => { state.by = e.target.value; paint(); }), legend),
    make('p', {class: 'hint'}, data.words), make('div', {class: 'columns'}, svg, make('div', {class: 'detail'}, words, below)));
  words.textContent = 'Drag a box over points, or click one, to see triplets.';
  paint();
}

// ------------------------------------------------------------------------------------------------ patches and texts
const MAPS = {alpha: ['α, of the pictures', 'what the router scores'], beta: ['β, text and patch', 'cosine minus its mean'],
  delta: ['δ, change by the text', 'added to α'], gamma: ['γ, score', 'the highest are chosen']};
function diverging(x) {
  const ends = x < 0 ? [84, 39, 136] : [179, 88, 6], s = Math.min(Math.abs(x), 1) ** 0.8;
  return `rgb(${ends.map((c) => Math.round(247 + s * (c - 247))).join(' ')})`;
}

function heat(values, [rows, columns], most, chosen) {
  const inside = new Set(chosen), unit = 200 / Math.max(rows, columns);
  return draw('svg', {width: columns * unit, height: rows * unit, class: 'heat', role: 'img', 'aria-label': 'a map over the patches'},
    values.map((v, n) => draw('rect', {x: n % columns * unit, y: Math.floor(n / columns) * unit, width: unit, height: unit,
      fill: diverging(v / (most || 1))}, draw('title', {}, `patch ${n + 1}: ${fixed(v, 3)}${inside.has(n) ? ', chosen' : ''}`))));
}

function patches(uri, [rows, columns], chosen, weight, alone, alt) {
  const unit = 16, by = new Set(alone), now = new Set(chosen), top = Math.max(...weight, 1e-9);
  const cell = (n, kind, width) => ['under', 'over'].map((layer) => draw('rect', {x: n % columns * unit + 1.5, y: Math.floor(n / columns) * unit + 1.5,
    width: unit - 3, height: unit - 3, class: `${kind} ${layer}`, 'stroke-width': layer === 'under' ? width + 1.6 : width}));
  const dim = [...Array(rows * columns).keys()].filter((n) => !now.has(n)).map((n) => draw('rect', {
    x: n % columns * unit, y: Math.floor(n / columns) * unit, width: unit, height: unit, class: 'dim'}));
  return make('div', {class: 'patches'}, picture(uri, alt), draw('svg', {viewBox: `0 0 ${columns * unit} ${rows * unit}`, preserveAspectRatio: 'none'}, dim,
    chosen.map((n, k) => cell(n, by.has(n) ? 'kept' : 'joined', 0.6 + 1.4 * weight[k] / top)), alone.filter((n) => !now.has(n)).map((n) => cell(n, 'left', 1))));
}

function routing(root, data, host) {
  const state = {at: 0, expert: 0, texts: 0, answer: null}, E = data.experts, view = make('div', {}), matrix = make('div', {}), words = make('p', {class: 'words', 'aria-live': 'polite'});
  const fields = MODALITIES.map((m) => make('textarea', {rows: 3, 'aria-label': `sentences of ${m}`, readonly: !data.live, 'data-modality': m,
    input: () => { clearTimeout(state.timer); state.timer = setTimeout(ask, 250); }}));
  const buttons = [...Array(E).keys()].map((e) => make('button', {click: () => { state.expert = e; paint(true); }, 'data-expert': e}, `expert ${e + 1}`));
  const ask = () => {
    const texts = state.answer.texts.map((own, e) => e === state.expert ? fields.map((f) => f.value) : own);
    host.ask({triplet: state.at, texts});
  };
  const from = () => { state.answer = data.triplets[state.at].answers[state.texts]; paint(true); };
  function paint(fill_) {
    const a = state.answer, e = state.expert, t = data.triplets[state.at];
    buttons.forEach((b, i) => b.classList.toggle('chosen', i === e));
    if (fill_) fields.forEach((f, m) => { f.value = a.texts[e][m]; });
    const centred = (v) => { const mean = v.reduce((x, y) => x + y, 0) / v.length; return v.map((x) => x - mean); };
    const maps = {...a, beta: a.beta.map((x) => x.map(centred))}, own = (name, m) => maps[name][maps[name].length === 1 ? 0 : e][m];
    const most = Object.fromEntries(Object.keys(MAPS).map((name) => [name, Math.max(...maps[name].flat(2).map(Math.abs), 1e-9)]));
    view.replaceChildren(make('table', {class: 'routing'}, make('thead', {}, make('tr', {}, make('th', {}), make('th', {}, 'chosen patches'),
      Object.entries(MAPS).map(([n, [name, about]]) => make('th', {}, name, make('small', {}, `${about}; ±${most[n].toPrecision(2)}`))))),
    make('tbody', {}, MODALITIES.map((m, k) => make('tr', {}, make('th', {}, m, t.pictures[k] ? null : make('small', {}, 'missing')),
      make('td', {}, patches(t.pictures[k], data.grid, a.chosen[e][k], a.weight[e][k], a.alone[e][k], `${t.key}, ${m}`)),
      Object.keys(MAPS).map((n) => make('td', {}, heat(own(n, k), data.grid, most[n], a.chosen[e][k]))))))));
    const shade_ = (x) => { const td = make('td', {}, `${Math.round(100 * x)} %`); td.style.background = `rgb(0 114 178 / ${(0.5 * x).toFixed(2)})`; return td; };
    matrix.replaceChildren(make('table', {class: 'matrix'}, make('caption', {}, 'patches that two experts share'), make('tbody', {}, a.overlap.map((row, i) =>
      make('tr', {}, make('th', {}, String(i + 1)), row.map(shade_))), make('tr', {}, make('th', {}), a.overlap.map((_, i) => make('th', {}, String(i + 1)))))));
    words.textContent = a.words;
  }
  host.answered?.((answer) => { state.answer = answer; paint(false); });
  root.append(make('div', {class: 'bar'}, choice('triplet', data.triplets.map((t, i) => [i, `${t.key} (identity ${t.identity})`]), (e) => { state.at = Number(e.target.value); from(); }),
    choice('sentences', data.texts.map((t, i) => [i, t]), (e) => { state.texts = Number(e.target.value); from(); }), make('span', {class: 'experts'}, buttons)),
  make('div', {class: 'columns'}, make('div', {class: 'detail'}, words, make('div', {class: 'texts'}, fields.map((f, m) => make('label', {}, MODALITIES[m], f)))), matrix),
  make('p', {class: 'hint'}, 'White frames: chosen, bolder with more weight. ', make('b', {class: 'wrong'}, 'Orange'),
    ': chosen because of the text. Dotted: given up because of the text. Maps: orange is above zero, purple below.'), view);
  from();
}

// ------------------------------------------------------------------------------------------------------ two hosts
const VIEWS = {browser, map, routing};
function start(element, data, host) {
  const root = make('div', {class: data.wide ? 'explore wide' : 'explore', tabindex: 0, 'data-lm-suppress-shortcuts': 'true'});
  element.replaceChildren(root);
  VIEWS[data.view](root, data, host);
}

function pageHost(data) {
  const name = `next_reid notes ${data.id}`, cell = (x) => `"${x.replaceAll('"', '""')}"`;
  let notes = {};
  try { notes = JSON.parse(localStorage.getItem(name) || '{}'); } catch { /* a page without storage keeps notes until it is closed */ }
  const write = (key, text) => {
    notes[key] = text;
    if (!text) delete notes[key];
    try { localStorage.setItem(name, JSON.stringify(notes)); } catch { /* see above */ }
  };
  const download = () => {
    const rows = ['key,note', ...Object.entries(notes).map((pair) => pair.map(cell).join(','))];
    const link = make('a', {href: URL.createObjectURL(new Blob([rows.join('\n') + '\n'], {type: 'text/csv'})), download: 'notes.csv'});
    link.click();
  };
  return {notes, write, download, ask: () => {}};
}

function labHost(model) {
  const notes = {...model.get('notes')};
  const write = (key, text) => {
    notes[key] = text;
    if (!text) delete notes[key];
    model.set('notes', {...notes});
    model.save_changes();
  };
  const ask = (question) => { model.set('question', question); model.save_changes(); };
  return {notes, write, ask, answered: (f) => model.on('change:answer', () => f(model.get('answer')))};
}

export default {render({model, el}) { start(el, model.get('data'), labHost(model)); }};
