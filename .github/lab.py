"""JupyterLab for the book: `make lab` names this file, and puts lab.json where JupyterLab reads its settings.

A notebook in git has no `language_info` and a kernel by a short name. JupyterLab writes both as soon as a kernel starts, so
that every notebook would count as modified when it is opened. Here they are filled in on reading and taken out on saving.
Long outputs are shown in a box that scrolls; that is taken out on saving, too."""
from ipykernel.ipkernel import IPythonKernel
from jupyter_client.kernelspec import get_kernel_spec
from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager

LONG = 30  # lines of text
KERNEL = dict(name="python3", display_name=get_kernel_spec("python3").display_name, language="python")


def lines(cell: dict) -> int:
    "Lines of text below a cell; a table or a picture counts as none"
    texts = (o.get("text") or o.get("data", {}).get("text/plain", "") for o in cell.get("outputs", [])
             if not {"text/html", "image/png", "image/jpeg", "image/svg+xml"} & set(o.get("data", {})))
    return sum("".join(t).count("\n") for t in texts)


class BookManager(AsyncLargeFileManager):
    "Files, and notebooks as JupyterLab would leave them after it has opened them"

    async def get(self, path, *args, **more):
        model = await super().get(path, *args, **more)
        if model["type"] == "notebook" and model["content"]:
            meta = model["content"]["metadata"]
            if meta.get("kernelspec", {}).get("name") == KERNEL["name"]:
                meta.update(kernelspec=dict(KERNEL), language_info=dict(IPythonKernel.language_info))
            for cell in model["content"]["cells"]:
                if lines(cell) > LONG: cell["metadata"]["scrolled"] = True
        return model

    async def save(self, model, path=""):
        if model["type"] == "notebook" and model.get("content"):
            meta = model["content"]["metadata"]
            meta.pop("language_info", None)
            if "kernelspec" in meta: meta["kernelspec"]["display_name"] = meta["kernelspec"]["name"]
            for cell in model["content"]["cells"]: cell["metadata"].pop("scrolled", None)
        return await super().save(model, path)


c = get_config()  # noqa: F821
c.ServerApp.contents_manager_class = BookManager
