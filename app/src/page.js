// Times come in UTC; here they get the zone of the reader.
for (const el of document.querySelectorAll("time[datetime]")) {
  const at = new Date(el.dateTime), minutes = (Date.now() - at) / 60000;
  const text = (options) => new Intl.DateTimeFormat("en-GB", options).format(at);
  const clock = { hour: "2-digit", minute: "2-digit" };
  const relative = (n, unit) => new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(n, unit);
  el.textContent = "day" in el.dataset ? text({ day: "numeric", month: "short", year: "numeric" })
    : !("relative" in el.dataset) || Math.abs(minutes) >= 1440 ? text({ day: "numeric", month: "short", year: "numeric", ...clock })
    : Math.abs(minutes) < 1 ? "just now"
    : Math.abs(minutes) < 60 ? relative(-Math.round(minutes), "minute")
    : relative(-Math.round(minutes / 60), "hour");
}
// A transition between pages that the browser gives up is no error: the page is there all the same.
for (const moment of ["pageswap", "pagereveal"]) addEventListener(moment, ({ viewTransition }) => {
  viewTransition?.ready.catch(() => {});
  viewTransition?.finished.catch(() => {});
});
