// Every text of which the contrast with what is behind it is below WCAG's 4.5 to 1, with that contrast.
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (color) => {
    const [r, g, b] = color.map((part) => (part /= 255) <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let one = element; one; one = one.parentElement) {
      const color = rgba(getComputedStyle(one).backgroundColor);
      if (color[3] === 255) return color;
    }
    return [255, 255, 255];
  };
  const low = [];
  const check = (element, color, what) => {
    const [dark, light] = [luminance(rgba(color)), luminance(behind(element))].sort((a, b) => a - b);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) low.push(`${what}: ${contrast.toFixed(2)}`);
  };
  let checked = 0;
  for (const element of document.querySelectorAll("body *")) {
    const texts = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!texts.length || !element.checkVisibility() || element.disabled) continue;
    const style = getComputedStyle(element);
    const what = `${element.tagName} ${element.getAttribute("class") ?? ""} ${texts[0].data.trim().slice(0, 20)}`;
    check(element, element.closest("svg") ? style.fill : style.color, what);
    if (element.dataset.t) check(element, getComputedStyle(element, "::after").color, `letter of ${what}`);
    checked += 1;
  }
  return [checked, low];
}
