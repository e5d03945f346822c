package org.alborz.checkpoint;

import org.alborz.text.Quoted;
import org.alborz.type.Shape;

/** One tensor of a safetensors file: its elements are stored in row-major order of the shape, little-endian. */
public record SafetensorsEntry(String name, SafetensorsType type, Shape shape) {
    /** Returns the number of elements. */
    public long elements() {
        return shape.elements();
    }

    /**
     * Returns the size of the data in bytes.
     *
     * @throws IllegalArgumentException when that exceeds 2⁶³ − 1
     */
    public long bytes() {
        if (shape.elements() > Long.MAX_VALUE / type.bytes()) {
            throw new IllegalArgumentException("A tensor in a file has at most 2^63 - 1 bytes, got " + this);
        }
        return shape.elements() * type.bytes();
    }

    /**
     * Returns the number of elements where an array of the host holds as many values, each of some bytes in one buffer.
     *
     * @throws IllegalArgumentException where none does
     */
    int arrayLength(int bytesEach) {
        int most = (Integer.MAX_VALUE - 8) / bytesEach;
        if (shape.elements() > most) {
            throw new IllegalArgumentException(
                    "Copying a tensor between a file and the host expects at most " + most + " elements, got " + this);
        }
        return (int) shape.elements();
    }

    @Override
    public String toString() {
        return Quoted.text(name) + " (" + type + " " + shape + ")";
    }
}
