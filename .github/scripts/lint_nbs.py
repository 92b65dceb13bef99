"Checks that nbdev_test does not make: what exports where, in which order, what would be skipped in silence, and the form of the pages"
import ast, json, re, sys

from nbdev.config import get_config
from nbdev.doclinks import nbglob

cfg = get_config(); root,lib = cfg.config_path.resolve(),cfg.lib_path.resolve()
bad = []; owner = {}; num = {}
def say(where, what): bad.append(f'{where}: {what}')
DIR = re.compile(r'\s*#\s*\|')
WIDTH, CELLS, EXPORT, TEST, FUNCTION, MODULE, KB = 110, 60, 30, 30, 40, 300, 200
LONG = {  # module -> why it has more than MODULE lines
    'problem.core': 'errors, files and configurations, which every chapter needs and none may wait for torch',
    'experiments.sweep': 'one cell, from its world to its checked row, and the order of all',
    'data.records': 'the record, its lists and what all readers share',
    'experiments.plans': 'the experiments of this book are data, one below the other',
    'measuring.result_records': 'writing, checking, comparing and printing one record',
    'captions.answers': 'wrapping, object and slots of one answer', 'captions.generation': 'one driver: limits, waiting, probe and run',
    'captions.grammar': 'reader and writer share their tables of templates', 'captions.merging': 'rules and their calibration share the votes',
    'captions.quality': 'eight tables and their page', 'captions.rules': 'eleven rules on one edit',
    'using.gallery': 'one folder and its one table: what it takes, enrolment, deletion and search',
    'model.next': 'the configuration, what the model returns, and the model: one way from pictures to features',
    'model.tmse': 'routers, modulation and choice are one sum',
    'model.visual_encoder': 'towers of CLIP, of timm and of one\'s own, opened half way, too',
    'training.loop': 'all ways in which a run begins, goes on and ends',
    'using.caption_commands': 'five commands, the checks before and the words after',
    'using.commands': 'the table of commands, parsers from signatures, and how a command ends',
    'using.model_commands': 'five commands with their options, a line each',
    'using.search_commands': 'four commands of one way, with an option a line',
    'using.threshold': 'pairs, patterns, identification and their file share the counts by identity',
    'worlds.demo': 'the run, and the page about it',
    'worlds.stub': 'one server: two protocols, files and batches', 'worlds.vehicles': 'one drawing'}
public = {}

def is_table(src):
    "Is most of the cell one assignment of data?"
    try: body = ast.parse(src).body
    except SyntaxError: return False
    return sum(o.end_lineno-o.lineno+1 for o in body if isinstance(o, (ast.Assign, ast.AnnAssign))) > .6*len(src.splitlines())

for p in sorted(p.resolve() for p in nbglob(as_path=True)):
    name = p.relative_to(root).as_posix(); nb = json.loads(p.read_text())
    lang = nb['metadata'].get('kernelspec',{}).get('language','python')
    if lang!='python': say(name, f'kernelspec language {lang!r}: nbdev_test runs no cell and reports success')
    ids = [c.get('id') for c in nb['cells']]
    if None in ids or len(set(ids))<len(ids): say(name, 'cell ids missing or doubled: run nbdev_clean before nbdev_export')
    if len(nb['cells'])>CELLS: say(name, f"{len(nb['cells'])} cells: {CELLS} at most")
    if p.stat().st_size > KB*1024: say(name, f'{p.stat().st_size//1024} KB: {KB} at most, with fewer or smaller pictures')
    for i,c in enumerate(nb['cells'], 1):
        src = ''.join(c['source']); lines = src.splitlines(); at = f'{name} cell {i}'
        if re.search(r'^`?(<{7}|={7}|>{7})', src, re.M): say(at, 'merge conflict marker')
        if re.search(r'skip_exec\s*:\s*true', src, re.I): say(at, 'skip_exec: the whole notebook is skipped')
        if c['cell_type']!='code':
            for link in re.findall(r'\]\((?!\w+:|#|/)([^)\s#]+)', src):
                if not (p.parent/link).exists(): say(at, f'links to {link}, which does not exist')
            for alt in re.findall(r'!\[([^\]]*)\]\(', src):
                if len(alt)<12: say(at, 'a picture without a text for those who cannot see it')
            continue
        if 'site-packages' in json.dumps(c['outputs']): say(at, 'an output with a path of the machine that made it')
        if any(len(l)>WIDTH for l in lines): say(at, f'lines of more than {WIDTH} characters are cut off in the page')
        body = [l for l in lines if l.strip() and not DIR.match(l)]
        kind, most = ('an export', EXPORT) if any(re.match(r'#\|\s*export', l) for l in lines) else ('a test', TEST)
        if len(body)>most and not is_table(src): say(at, f'{kind} cell of {len(body)} lines: {most} at most')
        head = next((j for j,l in enumerate(lines) if l.strip() and not DIR.match(l) and not re.match(r'\s*%%\w', l)), len(lines))
        for j,l in enumerate(lines):
            if DIR.match(l) and j>head: say(at, f'directive below the first code line is ignored: {l.strip()}')
        for l in lines[:head]:
            w = re.sub(r'^\s*#\s*\|', '', l).split()
            if len(w)>1 and w[0] in cfg.tst_flags.split(): say(at, f'one test flag a line: {l.strip()}')
            if w[:1]==['default_exp']:
                if w[1] in owner: say(name, f'{w[1]} is exported by {owner[w[1]]} too; one of them is lost')
                owner[w[1]] = name
                mirror = re.sub(r'(^|/)\d+_', r'\1', p.relative_to(cfg.nbs_path.resolve()).with_suffix('').as_posix()).replace('/', '.')
                if w[1]!=mirror: say(name, f'exports {w[1]}: module and notebook share their name, {mirror}')
                num[f'{lib.name}.{w[1]}'] = (p.parent.name, p.name)  # the book is read part by part, in the order of file names
        if re.search(r'^\s*%%capture', src, re.M): say(at, '%%capture hides a failing assert')
        for o in c.get('outputs', []):
            if o['output_type']=='error': say(at, 'an error is kept as output')

for f in sorted(lib.rglob('*.py')):
    mod = '.'.join(f.relative_to(lib).with_suffix('').parts); src = f.read_text()
    if f.name in ('__init__.py','__main__.py','_modidx.py'): continue
    if mod not in owner: say(f.relative_to(root), 'no notebook exports it'); continue
    if len(src.splitlines())>MODULE and mod not in LONG: say(mod, f'{len(src.splitlines())} lines: {MODULE} at most, or a reason in LONG')
    for o in ast.walk(ast.parse(src)):
        if isinstance(o, (ast.FunctionDef, ast.AsyncFunctionDef)) and o.end_lineno-o.lineno>=FUNCTION: say(mod, f'{o.name} has {o.end_lineno-o.lineno+1} lines: {FUNCTION} at most')
    for o in ast.parse(src).body:
        names = [o.name] if isinstance(o, (ast.FunctionDef, ast.ClassDef)) else [t.id for t in getattr(o, 'targets', [getattr(o, 'target', None)]) if isinstance(t, ast.Name)]
        for n in names:
            if n.startswith('_') or n=='__all__' or any(ast.unparse(d).startswith('patch') for d in getattr(o, 'decorator_list', [])): continue
            if public.setdefault(n, mod)!=mod: say(mod, f'{n} is the name of something else in {public[n]}')
    full = f'{lib.name}.{mod}'; pkg = full.split('.')[:-1]
    for o in ast.walk(ast.parse(src)):
        if not isinstance(o, ast.ImportFrom): continue
        base = '.'.join((pkg[:len(pkg)-o.level+1] if o.level else [])+([o.module] if o.module else []))
        if any(a.name=='*' for a in o.names) and base.split('.')[0]==lib.name: say(mod, f'star import of {base}')
        for t in {base, *(f'{base}.{a.name}' for a in o.names)} & num.keys():
            if t!=full and num[t]>=num.get(full,('~',)): say(mod, f'imports {t}, which comes later in the book')

print('\n'.join(bad) or f'{len(owner)} modules in order'); sys.exit(bool(bad))
