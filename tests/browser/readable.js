// SPDX-License-Identifier: GPL-3.0-or-later
//
// In a page with a drawing of `inspect --svg`: prints each fault that a reader would see, and
// "N texts" at the end. A text must be inside of the drawing, cover no other text, and stand out
// from what is behind it (WCAG's ratio of 4.5), in the light scheme and in the dark one.
"use strict";

const svg = document.querySelector("svg");
const texts = [...svg.querySelectorAll("text")].filter((t) => t.textContent.trim());
const faults = [];

function overlap(a, b) {
	return a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
}

function checkPlaces() {
	const page = svg.getBoundingClientRect();
	const boxes = texts.map((t) => ({t, box: t.getBoundingClientRect()}));
	boxes.sort((a, b) => a.box.top - b.box.top);
	if (page.width > 32767 || page.height > 32767)
		faults.push(`${page.width} by ${page.height} pixels: no browser shows all of it`);
	boxes.forEach(({t, box}, i) => {
		if (box.left < page.left || box.right > page.right || box.top < page.top || box.bottom > page.bottom)
			faults.push(`outside: ${t.textContent}`);
		for (let k = i + 1; k < boxes.length && boxes[k].box.top < box.bottom; k++)
			if (overlap(box, boxes[k].box))
				faults.push(`"${t.textContent}" covers "${boxes[k].t.textContent}"`);
	});
}

function luminance(color) {
	const [r, g, b] = color.match(/\d+/g).slice(0, 3).map((c) => {
		const part = c / 255;
		return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function ratio(a, b) {
	const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
	return (high + 0.05) / (low + 0.05);
}

// The last shape below the middle of the text, in the order of drawing, is what is behind it.
function behind(text) {
	const box = text.getBoundingClientRect(), x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
	const shapes = [...svg.querySelectorAll("rect, .bar")].filter((shape) => {
		const b = shape.getBoundingClientRect();
		return b.left <= x && x <= b.right && b.top <= y && y <= b.bottom;
	});
	return getComputedStyle(shapes.at(-1)).fill;
}

function checkContrast(scheme) {
	for (const text of texts) {
		const r = ratio(getComputedStyle(text).fill, behind(text));
		if (!(r >= 4.5))
			faults.push(`${scheme}: "${text.textContent}" has a contrast of ${r.toFixed(1)}`);
	}
}

function useDark() {
	const style = svg.querySelector("style"), light = style.textContent;
	style.textContent = light.replace("@media(prefers-color-scheme:dark)", "@media all");
	if (style.textContent === light)
		faults.push("it has no dark scheme");
}

checkPlaces();
checkContrast("light");
useDark();
checkContrast("dark");
for (const link of svg.querySelectorAll("a"))
	if (!document.querySelector(link.getAttribute("href")))
		faults.push(`no place: ${link.getAttribute("href")}`);
document.body.innerHTML = "<pre></pre>";
document.querySelector("pre").textContent = `${faults.join("\n")}\n${texts.length} texts\n`;
