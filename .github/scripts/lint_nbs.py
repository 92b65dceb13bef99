"Checks that nbdev_test does not make: what exports where, in which order, and what would be skipped in silence"
import ast, json, re, sys

from nbdev.config import get_config
from nbdev.doclinks import nbglob

cfg = get_config(); root,lib = cfg.config_path.resolve(),cfg.lib_path.resolve()
bad = []; owner = {}; num = {}
def say(where, what): bad.append(f'{where}: {what}')
DIR = re.compile(r'\s*#\s*\|')

for p in sorted(p.resolve() for p in nbglob(as_path=True)):
    name = p.relative_to(root).as_posix(); nb = json.loads(p.read_text())
    lang = nb['metadata'].get('kernelspec',{}).get('language','python')
    if lang!='python': say(name, f'kernelspec language {lang!r}: nbdev_test runs no cell and reports success')
    ids = [c.get('id') for c in nb['cells']]
    if None in ids or len(set(ids))<len(ids): say(name, 'cell ids missing or doubled: run nbdev_clean before nbdev_export')
    for i,c in enumerate(nb['cells'], 1):
        src = ''.join(c['source']); lines = src.splitlines(); at = f'{name} cell {i}'
        if re.search(r'^`?(<{7}|={7}|>{7})', src, re.M): say(at, 'merge conflict marker')
        if re.search(r'skip_exec\s*:\s*true', src, re.I): say(at, 'skip_exec: the whole notebook is skipped')
        if c['cell_type']!='code': continue
        head = next((j for j,l in enumerate(lines) if l.strip() and not DIR.match(l) and not re.match(r'\s*%%\w', l)), len(lines))
        for j,l in enumerate(lines):
            if DIR.match(l) and j>head: say(at, f'directive below the first code line is ignored: {l.strip()}')
        for l in lines[:head]:
            w = re.sub(r'^\s*#\s*\|', '', l).split()
            if len(w)>1 and w[0] in cfg.tst_flags.split(): say(at, f'one test flag a line: {l.strip()}')
            if w[:1]==['default_exp']:
                if w[1] in owner: say(name, f'{w[1]} is exported by {owner[w[1]]} too; one of them is lost')
                owner[w[1]] = name
                num[f'{lib.name}.{w[1]}'] = p.name  # the book is read in the order of file names
        if re.search(r'^\s*%%capture', src, re.M): say(at, '%%capture hides a failing assert')
        for o in c.get('outputs', []):
            if o['output_type']=='error': say(at, 'an error is kept as output')

for f in sorted(lib.rglob('*.py')):
    mod = '.'.join(f.relative_to(lib).with_suffix('').parts); src = f.read_text()
    if f.name in ('__init__.py','_modidx.py'): continue
    if mod not in owner: say(f.relative_to(root), 'no notebook exports it'); continue
    full = f'{lib.name}.{mod}'; pkg = full.split('.')[:-1]
    for o in ast.walk(ast.parse(src)):
        if not isinstance(o, ast.ImportFrom): continue
        base = '.'.join((pkg[:len(pkg)-o.level+1] if o.level else [])+([o.module] if o.module else []))
        if any(a.name=='*' for a in o.names) and base.split('.')[0]==lib.name: say(mod, f'star import of {base}')
        for t in {base, *(f'{base}.{a.name}' for a in o.names)} & num.keys():
            if t!=full and num[t]>=num.get(full,'~'): say(mod, f'imports {t}, which comes later in the book')

print('\n'.join(bad) or f'{len(owner)} modules in order'); sys.exit(bool(bad))
