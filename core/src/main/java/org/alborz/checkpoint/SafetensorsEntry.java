package org.alborz.checkpoint;

import org.alborz.text.Quoted;
import org.alborz.type.Shape;

/** One tensor of a safetensors file: its elements lie in row-major order of the shape, little-endian. */
public record SafetensorsEntry(String name, SafetensorsType type, Shape shape) {
    /** Returns the number of elements. */
    public long elements() {
        return shape.elements();
    }

    /** Returns the size of the data in bytes. */
    public long bytes() {
        return Math.multiplyExact(shape.elements(), (long) type.bytes());
    }

    @Override
    public String toString() {
        return Quoted.text(name) + " (" + type + " " + shape + ")";
    }
}
