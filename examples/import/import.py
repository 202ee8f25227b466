"""Imports a CSV or JSON export of tasks into a project. docs/import.md says how, and which fields are read."""

import csv, datetime, hashlib, io, json, os, pathlib, re, sys, unicodedata, urllib.error, urllib.request

SERVER, TOKEN = os.environ.get("FASTTRACK_URL", "http://127.0.0.1:8080"), os.environ.get("FASTTRACK_TOKEN", "")
ID, TITLE, TEXT = "number id cardid", "title content name cardname", "description body desc carddescription"
PARENT, DUE = "parent parentid parentissueurl", "due duedate date deadline milestone"
DONE = "done checked iscompleted completed duecomplete closed archived state status"
YES = ("true", "yes", "1", "x", "done", "closed", "complete", "completed")

def read(path):
    text = path.read_text(encoding="utf-8-sig")
    if path.suffix.lower() == ".csv":
        reader = csv.DictReader(io.StringIO(text))
        return [(f"line {reader.line_num}", fields(row)) for row in reader]
    rows = json.loads(text)
    if isinstance(rows, dict):  # A board or a page, which has the list in a field.
        rows = next((rows[name] for name in ("tasks", "cards", "items", "results", "issues") if name in rows), [])
    return [(f"entry {place}", fields(row)) for place, row in enumerate(rows, 1)]

def fields(row):
    """Takes the fields that have a value, and calls them by the letters of their names, in lower case."""
    return {re.sub("[^a-z]", "", str(name).lower()): value for name, value in row.items() if value not in (None, "")}

def first(row, names):
    return next((row[name] for name in names.split() if name in row), "")

def parse(where, row, above):
    """Returns the task in a row. `above` has the ids of the rows that an indented row is under."""
    title, labels, parent, due = (first(row, names) for names in (TITLE, "labels", PARENT, DUE))
    labels = labels if isinstance(labels, list) else str(labels).split(",")
    if "type" in row and "content" in row:  # Todoist's CSV has labels in the title.
        labels, title = labels + re.findall(r"(?<!\S)@(\S+)", title), re.sub(r"\s*(?<!\S)@\S+", "", title)
    names = [str((it.get("name") or it.get("color") or "") if isinstance(it, dict) else it).strip() for it in labels]
    parent = str(first(fields(parent), ID) if isinstance(parent, dict) else parent).rsplit("/", 1)[-1]
    due = str(first(fields(due), "datetime date dueon") if isinstance(due, dict) else due).strip()
    if re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*", due):  # A time without a zone is of this machine's.
        due = datetime.datetime.fromisoformat(due).astimezone().isoformat()
    status = "done" if any(str(first(row, name)).lower() in YES for name in DONE.split()) else "todo"
    body = {"title": str(title), "description": first(row, TEXT) or None, "due": due or None, "status": status}
    task = {"where": where, "id": str(first(row, ID) or where), "parent": parent, "body": body}
    task["labels"] = list(filter(None, names))
    if "indent" in row:
        above[int(row["indent"]) - 1 :] = []
        task["parent"] = above[-1] if above else ""
        above.append(task["id"])
    return task

def send(method, path, body=None, key=None, place=str):
    """Returns the answer, and whether an earlier request had it. Ends the program if the server refuses."""
    headers = {"Accept": "application/vnd.fasttrack.bare+json", "Content-Type": "application/json"}
    headers |= {"Authorization": f"Bearer {TOKEN}"} | ({"Idempotency-Key": key} if key else {})
    request = urllib.request.Request(SERVER + path, body and json.dumps(body).encode(), headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response), "Idempotency-Replayed" in response.headers
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        faults = [f"{place(fault['field'])}: {fault['message']}" for fault in problem["errors"]]
        sys.exit("\n".join(faults or [f"{method} {path}: {problem['detail']}"]))

def label_ids(path, names):
    fold = lambda name: unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())
    ids, page = {}, {"has_more": True}
    while page["has_more"]:
        page, _ = send("GET", f"{path}?limit=100" + (f"&cursor={page['next_cursor']}" if ids else ""))
        ids |= {fold(label["name"]): label["id"] for label in page["items"]}
    for name in names:
        if fold(name) not in ids:
            ids[fold(name)] = send("POST", path, {"name": name}, place=lambda _: f"label {name}")[0]["id"]
    return {name: ids[fold(name)] for name in names}

def main(project, path):
    above, known, levels, ids, replayed = [], {""}, [], {"": None}, 0
    is_task = lambda row: row and row.get("type") not in ("section", "note", "meta") and "pullrequest" not in row
    left = tasks = [parse(where, row, above) for where, row in read(path) if is_task(row)]
    while len(levels) < 5 and (level := [task for task in left if task["parent"] in known]):
        levels, left = [*levels, level], [task for task in left if task["parent"] not in known]
        known |= {task["id"] for task in level}
    if left:
        sys.exit("\n".join(f"{it['where']}: parent {it['parent']} is missing, under it, or on level 5" for it in left))
    labels = label_ids(f"/projects/{project}/labels", [name for task in tasks for name in task["labels"]])
    step = min(500, 1_000_000 // max((len(json.dumps(task)) for task in tasks), default=2_000))
    for chunk in (level[begin : begin + step] for level in levels for begin in range(0, len(level), step)):
        for task in chunk:
            task["body"] |= {"parent_id": ids[task["parent"]], "labels": [labels[name] for name in task["labels"]]}
        body = {"tasks": [task["body"] for task in chunk]}
        key = hashlib.sha256(f"{project} {chunk[0]['where']} {json.dumps(body)}".encode()).hexdigest()
        place = lambda field: re.sub(r"^tasks\.(\d+)\.?", lambda it: f"{chunk[int(it[1])]['where']}: ", field)
        created, is_replayed = send("POST", f"/projects/{project}/tasks/bulk", body, key, place)
        ids |= {task["id"]: item["id"] for task, item in zip(chunk, created["items"])}
        replayed += len(chunk) * is_replayed
    print(f"{len(tasks)} tasks, {replayed} of which were there from an earlier run")

if len(sys.argv) != 3 or not TOKEN:
    sys.exit("usage: FASTTRACK_TOKEN=... python3 import.py PROJECT FILE")
try:
    main(sys.argv[1], pathlib.Path(sys.argv[2]))
except (OSError, ValueError, AttributeError) as error:
    sys.exit(f"not imported: {error}")
