// A decoder at work: the layers of `architecture.Plan.decoder`, with weights laid out as torch lays them out.

const ACTIVATIONS = {
  linear: null,
  relu: (v) => Math.max(v, 0),
  "leaky-relu": (v) => (v > 0 ? v : 0.01 * v),
  elu: (v) => (v > 0 ? v : Math.expm1(v)),
  tanh: Math.tanh,
  sigmoid: (v) => 1 / (1 + Math.exp(-v)),
}

const FORWARD = { dense, conv, "conv-transpose": convTranspose, upsample, flatten: (_, input) => input }

class Network {
  // `layers`: { kind, activation, shapeIn, shapeOut, stride, padding, weight, bias }, first to last.
  constructor(layers) {
    this.layers = layers.map((layer) => ({ ...layer, out: new Float32Array(layer.shapeOut.reduce((a, b) => a * b, 1)) }))
  }

  // The picture of a code, channel after channel; the next call writes over it.
  run(code) {
    let values = code
    for (const layer of this.layers) {
      values = FORWARD[layer.kind](layer, values)
      const activate = ACTIVATIONS[layer.activation]
      if (activate) for (let i = 0; i < values.length; i++) values[i] = activate(values[i])
    }
    return values
  }
}

function dense({ weight, bias, out }, input) {
  const count = input.length
  for (let o = 0, w = 0; o < out.length; o++) {
    // Four sums at once do not wait for each other.
    let [a, b, c, d] = [bias[o], 0, 0, 0]
    let i = 0
    for (; i + 3 < count; i += 4, w += 4) {
      a += weight[w] * input[i]
      b += weight[w + 1] * input[i + 1]
      c += weight[w + 2] * input[i + 2]
      d += weight[w + 3] * input[i + 3]
    }
    for (; i < count; i++) a += weight[w++] * input[i]
    out[o] = a + b + (c + d)
  }
  return out
}

// For each of the nine weights of a filter: how far it is from the middle, and the rows and columns, counted in
// `high` × `wide` steps of `stride`, at which it meets a place of a picture of `rows` × `columns`.
function taps(high, wide, stride, padding, rows, columns) {
  const reach = (count, offset, size) => [Math.max(0, Math.ceil(-offset / stride)), Math.min(count, Math.floor((size - 1 - offset) / stride) + 1)]
  return Array.from({ length: 9 }, (_, k) => {
    const [down, right] = [((k / 3) | 0) - padding, (k % 3) - padding]
    const [[top, bottom], [first, last]] = [reach(high, down, rows), reach(wide, right, columns)]
    return { down, right, top, bottom, first, last }
  })
}

function conv({ weight, bias, shapeIn: [depth, high, wide], shapeOut: [channels, rows, columns], stride, padding, out }, input) {
  const filter = taps(rows, columns, stride, padding, high, wide)
  for (let o = 0, w = 0; o < channels; o++) {
    const plane = o * rows * columns
    out.fill(bias[o], plane, plane + rows * columns)
    for (let i = 0; i < depth; i++) {
      for (let k = 0; k < 9; k++) {
        const factor = weight[w++]
        const { down, right, top, bottom, first, last } = filter[k]
        for (let y = top; y < bottom; y++) {
          let from = (i * high + y * stride + down) * wide + first * stride + right
          const end = plane + y * columns + last
          for (let to = plane + y * columns + first; to < end; to++, from += stride) out[to] += factor * input[from]
        }
      }
    }
  }
  return out
}

function convTranspose({ weight, bias, shapeIn: [depth, high, wide], shapeOut: [channels, rows, columns], stride, padding, out }, input) {
  const filter = taps(high, wide, stride, padding, rows, columns)
  for (let o = 0; o < channels; o++) out.fill(bias[o], o * rows * columns, (o + 1) * rows * columns)
  for (let i = 0, w = 0; i < depth; i++) {
    for (let o = 0; o < channels; o++) {
      for (let k = 0; k < 9; k++) {
        const factor = weight[w++]
        const { down, right, top, bottom, first, last } = filter[k]
        for (let y = top; y < bottom; y++) {
          let to = (o * rows + y * stride + down) * columns + first * stride + right
          const end = (i * high + y) * wide + last
          for (let from = (i * high + y) * wide + first; from < end; from++, to += stride) out[to] += factor * input[from]
        }
      }
    }
  }
  return out
}

// Every number twice across and twice down.
function upsample({ shapeIn: [depth, high, wide], out }, input) {
  for (let row = 0, to = 0; row < depth * high; row++) {
    const start = to
    for (let x = 0; x < wide; x++, to += 2) out[to] = out[to + 1] = input[row * wide + x]
    out.copyWithin(to, start, to)
    to += 2 * wide
  }
  return out
}
