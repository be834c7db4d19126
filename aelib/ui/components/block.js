// What Python sends, unpacked.

/**
 * The block of bytes that packing.py made: its header, and functions from a place in it to the array or the images, and
 * from places by name to arrays by name.
 *
 * @param {Uint8Array} block
 * @returns {Unpacked}
 */
function unpack(block) {
  const bytes = block.slice()
  const length = new DataView(bytes.buffer).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
  const types = { uint8: Uint8Array, uint16: Uint16Array, int32: Int32Array, float32: Float32Array }
  /** @type {Unpacked["array"]} */
  const array = ([offset, type, shape]) =>
    new types[type](bytes.buffer, 4 + length + offset, shape.reduce((a, b) => a * b, 1))
  /** @type {Unpacked["arrays"]} */
  const arrays = (places) => Object.fromEntries(Object.entries(places).map(([name, place]) => [name, array(place)]))
  /** @type {Unpacked["images"]} */
  const images = (place) => new Images(array(place), place[2])
  return { header, array, arrays, images }
}
