// Times come in UTC; here they get the zone of the reader, and lose the year when it is this one.
const now = new Date();
for (const el of document.querySelectorAll("time[datetime]")) {
  const at = new Date(el.dateTime), minutes = (now - at) / 60000;
  const text = (options) => new Intl.DateTimeFormat("en-GB", options).format(at);
  const day = { day: "numeric", month: "short", year: "numeric" };
  const clock = { hour: "2-digit", minute: "2-digit" };
  const relative = (n, unit) => new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(n, unit);
  if (at.getFullYear() === now.getFullYear()) delete day.year;
  el.textContent = "day" in el.dataset ? text({ ...day, year: "numeric" })
    : !("relative" in el.dataset) || Math.abs(minutes) >= 1440 ? text({ ...day, ...clock })
    : Math.abs(minutes) < 1 ? (minutes < 0 ? "in a moment" : "just now")
    : Math.abs(minutes) < 60 ? relative(-Math.round(minutes), "minute")
    : relative(-Math.round(minutes / 60), "hour");
}
// Only where the browser can copy is there a button for it.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.hidden = false;
  button.onclick = () => navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value)
    .then(() => { button.textContent = "Copied"; }, () => { button.hidden = true; });
}
// Keys press what says so; in a list J and K move, X ticks. Not while somebody types.
addEventListener("keydown", (event) => {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input:not([type=checkbox]), textarea, select, [popover]")) return;
  const press = [...document.querySelectorAll("[data-key]")].find((el) => el.dataset.key === key);
  const rows = [...document.querySelectorAll("[data-row]")], row = document.activeElement.closest("tr");
  const here = rows.findIndex((el) => row && row.contains(el));
  if (press) { event.preventDefault(); press.click(); }
  else if (rows.length && (key === "j" || key === "k")) rows.at(Math.min(rows.length - 1, Math.max(0, here + (key === "j" ? 1 : -1)))).focus();
  else if (row && key === "x" && target.type !== "checkbox") row.querySelector(".tick")?.click();
});
// Rows that buttons move can be dragged as well, by a grip, with a finger too; the same form says where to.
for (const form of document.querySelectorAll("form[data-order]")) {
  const row = form.closest("tr"), rows = [...row.parentNode.children], from = rows.indexOf(row);
  const middle = (el) => { const { top, height } = el.getBoundingClientRect(); return top + height / 2; };
  const grip = document.createElement("span");
  grip.className = "grip";
  grip.title = "Drag to move";
  grip.ariaHidden = "true";
  form.prepend(grip);
  let held = false;
  const drop = () => { held = false; row.classList.remove("dragged"); };
  // It is the others that move around the row: a node that is moved loses the pointer.
  const back = () => { drop(); row.before(...rows.slice(0, from)); row.after(...rows.slice(from + 1)); };
  grip.onpointerdown = (event) => {
    if (event.button) return;
    event.preventDefault();
    grip.setPointerCapture(event.pointerId);
    row.classList.add("dragged");
    held = true;
  };
  grip.onpointermove = ({ clientY: y }) => {
    for (let el; held && (el = row.previousElementSibling) && y < middle(el);) row.after(el);
    for (let el; held && (el = row.nextElementSibling) && y > middle(el);) row.before(el);
  };
  grip.onpointerup = () => {
    const to = [...row.parentNode.children].indexOf(row);
    if (held && to !== from) {
      form.insertAdjacentHTML("beforeend", `<input type="hidden" name="to" value="${to + 1}">`);
      form.submit();
    }
    drop();
  };
  grip.onpointercancel = back;
  addEventListener("keydown", ({ key }) => { if (held && key === "Escape") back(); });
}
