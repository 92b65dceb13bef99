"Run each notebook in a forked process of its own; end with a line that counts"
import argparse, ast, importlib, json, multiprocessing as mp, os, sys, tempfile, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

def child(path, flags, cell_timeout, out):
    os.dup2(os.open(out+'.err', os.O_WRONLY|os.O_CREAT), 2)
    import nbdev.test as T
    from nbdev.config import get_config
    n = dict(run=0, checks=0)
    class Shell(T.CaptureShell):
        def __init__(self, *a, **k): super().__init__(*a, timeout=cell_timeout, **k)
        def cell(self, cell, **k):
            if cell.cell_type=='code' and cell.source.strip():
                n['run'] += 1
                try: tree = ast.parse(cell.source)
                except SyntaxError: tree = ast.parse('')
                n['checks'] += sum(isinstance(o, ast.Assert) or
                    isinstance(o, ast.Call) and getattr(o.func,'id','').startswith('test_') for o in ast.walk(tree))
            return super().cell(cell, **k)
    T.CaptureShell = Shell
    cfg = get_config()
    code = [c for c in T.NBProcessor(path).nb.cells if c.cell_type=='code' and c.source.strip()]
    ok,_ = T.test_nb(path, skip_flags=cfg.tst_flags.split(), force_flags=flags.split(), basepath=cfg.config_path)
    if ok and code and not n['run']: ok = False; print('no cell ran', file=sys.stderr)
    Path(out).write_text(json.dumps(dict(ok=ok, skipped=len(code)-n['run'] if ok else 0, **n)))

def main():
    ap = argparse.ArgumentParser(); a = ap.add_argument
    a('path', nargs='*'); a('--flags', default=''); a('--workers', type=int, default=2); a('--preload', default='')
    a('--timeout', type=int, default=600); a('--cell-timeout', type=int, default=120)
    o = ap.parse_args()
    import nbdev.test
    from nbdev.doclinks import nbglob
    from nbdev.config import get_config
    for m in o.preload.split(): importlib.import_module(m)
    root = get_config().config_path; os.chdir(root)
    nbs = [Path(p).absolute() for p in o.path] or sorted(p.absolute() for p in nbglob(as_path=True))
    ctx = mp.get_context('fork'); tmp = tempfile.TemporaryDirectory()
    def f(p):
        t = time.time(); out = f'{tmp.name}/{nbs.index(p)}'
        pr = ctx.Process(target=child, args=(p, o.flags, o.cell_timeout, out)); pr.start(); pr.join(o.timeout)
        why = ''
        if pr.is_alive(): pr.kill(); pr.join(); why = f'timed out after {o.timeout}s\n'
        elif not Path(out).exists(): why = f'ended with {pr.exitcode} before reporting\n'
        d = json.loads(Path(out).read_text()) if Path(out).exists() else dict(ok=False, run=0, skipped=0, checks=0)
        err = '' if d['ok'] else why+(Path(out+'.err').read_text() if Path(out+'.err').exists() else '')
        d['secs'] = time.time()-t
        print(f"{'PASS' if d['ok'] else 'FAIL'} {d['secs']:6.1f}s {d['run']:4d} run {d['skipped']:3d} skipped {d['checks']:4d} checks  {p.relative_to(root)}"
              + (f'\n{err}' if err else ''), flush=True)
        return p, d, err
    with ThreadPoolExecutor(o.workers) as ex: res = list(ex.map(f, nbs))
    tot = lambda k: sum(d[k] for _,d,_ in res); ok = sum(d['ok'] for _,d,_ in res)
    print(f"{ok} passed, {len(res)-ok} failed (notebooks); {tot('run')} cells run, {tot('skipped')} skipped, {tot('checks')} checks")
    sys.exit(0 if res and ok==len(res) else 1)
if __name__=='__main__': main()
