/** The area of a junta vecinal, drawn or only shown; the map is loaded when it is looked at. */
const place = document.getElementById("area-mapa");
if (place) openWhenSeen(place);

function openWhenSeen(place: HTMLElement): void {
  const watcher = new IntersectionObserver((seen) => {
    if (!seen.some((one) => one.isIntersecting)) return;
    watcher.disconnect();
    import("./padron/area_map").then(({ showArea }) => showArea(place)).catch(() => {
      place.textContent = place.dataset["falla"] ?? "";
      document.getElementById("area-botones")?.setAttribute("hidden", "");
    });
  }, { rootMargin: "200px" });
  watcher.observe(place);
}
