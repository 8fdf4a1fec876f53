// Points as stamps on a sheet of pixels. Where no graphics card helps, a frame of ten thousand
// shapes that the canvas copies takes 50 ms; stamped by hand it is done within the 16.7 of a frame
// (benchmarks/map.py), with or without a card.

const GROWN = 1.3; // A hit is so much larger than a plain point.

const stamps = { key: "", made: new Map(), scratch: document.createElement("canvas"), radius: 0, dots: 1, width: 0 };
const sheets = { image: null, pixels: null, ground: 0 };

// A sheet of the size of the canvas, in the colour of the ground.
function clean(context, width, height) {
  if (sheets.image?.width !== width || sheets.image?.height !== height) {
    sheets.image = context.createImageData(width, height);
    sheets.pixels = new Uint32Array(sheets.image.data.buffer);
  }
  if (sheets.name !== paint.ground) {
    context.fillStyle = paint.ground;
    context.fillRect(0, 0, 1, 1);
    [sheets.ground] = new Uint32Array(context.getImageData(0, 0, 1, 1).data.buffer);
    sheets.name = paint.ground;
  }
  sheets.pixels.fill(sheets.ground);
  return sheets;
}

// Stamps are made when they are first needed, for one radius, scheme and width of the sheet.
function useStamps(size, dots, width) {
  const key = [size, dots, width, paint.palette.join(), paint.ground, paint.light, paint.edge].join();
  if (key === stamps.key) return;
  stamps.made.clear();
  Object.assign(stamps, { key, radius: size, dots, width });
}

function stampOf(kind, colour, hit) {
  const key = (kind * 256 + colour) * 2 + (hit ? 1 : 0);
  let stamp = stamps.made.get(key);
  if (stamp === undefined) {
    stamp = makeStamp(map.kinds[kind], colour, hit);
    stamps.made.set(key, stamp);
  }
  return stamp;
}

function makeStamp(kind, colour, hit) {
  const size = stamps.radius * stamps.dots * (hit ? GROWN : 1);
  const half = Math.ceil(size * 1.4 + (hit ? stamps.radius : 1) * stamps.dots);
  const side = 2 * half + 1;
  Object.assign(stamps.scratch, { width: side, height: side });
  const context = stamps.scratch.getContext("2d", { willReadFrequently: true });
  const path = new Path2D(outline(kind, half + 0.5, half + 0.5, size));
  // An edge, so that neighbours stay apart. A hit has two: light around it, and a dark line.
  const edges = hit ? [[1.9 * stamps.radius, paint.light], [0.5 * stamps.radius, paint.edge]] : [[colour === DIMMED ? 0 : 1.2, paint.ground]];
  for (const [width, colourOfEdge] of edges) {
    if (width === 0) continue;
    Object.assign(context, { lineJoin: "round", lineWidth: width * stamps.dots, strokeStyle: colourOfEdge });
    context.stroke(path);
  }
  context.fillStyle = paint.palette[colour];
  context.fill(path, "evenodd");
  return stampFrom(new Uint32Array(context.getImageData(0, 0, side, side).data.buffer), side, half);
}

// Which pixels, counted from the middle one; those that cover what is below, and those that mix.
function stampFrom(pixels, side, half) {
  const solid = [];
  const soft = [];
  pixels.forEach((colour, place) => {
    const cover = colour >>> 24;
    const [x, y] = [(place % side) - half, Math.floor(place / side) - half];
    if (cover > 250) solid.push([x, y, (colour | 0xff000000) >>> 0]);
    else if (cover > 5) soft.push([x, y, colour]);
  });
  const all = solid.concat(soft);
  return {
    half,
    solid: solid.length,
    count: all.length,
    x: Int16Array.from(all, ([x]) => x),
    y: Int16Array.from(all, ([, y]) => y),
    at: Int32Array.from(all, ([x, y]) => y * stamps.width + x),
    colours: Uint32Array.from(all, ([, , colour]) => colour),
  };
}

function mix(below, above) {
  const cover = (above >>> 24) + 1;
  const red = ((below & 0xff00ff) * (256 - cover) + (above & 0xff00ff) * cover) / 256;
  const green = ((below & 0xff00) * (256 - cover) + (above & 0xff00) * cover) / 256;
  return ((red & 0xff00ff) | (green & 0xff00) | 0xff000000) >>> 0;
}

function press(sheet, width, height, stamp, left, top) {
  const { half, solid, count, at, colours } = stamp;
  const { pixels } = sheet;
  if (left < -half || top < -half || left >= width + half || top >= height + half) return;
  if (left < half || top < half || left >= width - half || top >= height - half) {
    pressAtEdge(pixels, width, height, stamp, left, top);
    return;
  }
  const middle = top * width + left;
  for (let dot = 0; dot < solid; dot += 1) pixels[middle + at[dot]] = colours[dot];
  for (let dot = solid; dot < count; dot += 1) pixels[middle + at[dot]] = mix(pixels[middle + at[dot]], colours[dot]);
}

function pressAtEdge(pixels, width, height, stamp, left, top) {
  for (let dot = 0; dot < stamp.count; dot += 1) {
    const [x, y] = [left + stamp.x[dot], top + stamp.y[dot]];
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    const place = y * width + x;
    pixels[place] = dot < stamp.solid ? stamp.colours[dot] : mix(pixels[place], stamp.colours[dot]);
  }
}
