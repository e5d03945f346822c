package org.alborz.tck;

import java.math.BigDecimal;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Numbers of any data type on the host: a {@code Double} each of the floating types, a {@code Long} each of the others. They reach a
 * tensor and come back as bits, without a conversion of the engine.
 */
record TypedValues(DType type, List<Number> values) {
    private static final double INF = Double.POSITIVE_INFINITY;

    private static final double[] REALS = {
        0,
        -0.0,
        1,
        -1,
        1.75,
        -1.75,
        2.5,
        3.5,
        0.1,
        -0.5,
        127.5,
        254.9,
        255,
        255.9,
        256,
        -255,
        1e-30,
        2049,
        65504,
        65519,
        65520,
        70000,
        2147483520,
        0x1p31,
        -0x1p31,
        -2147483904.0,
        2147483646.5,
        0x1p53,
        0x1p62,
        9.2233715e18,
        0x1p63,
        -0x1p63,
        -9.3e18,
        1e30,
        -1e30,
        1e300,
        // Next to the bounds of integers.
        -0.9,
        255.99999,
        (1 << 24) + 1,
        2147483647.5,
        -2147483648.5,
        -2147483649.0,
        4294967296.0,
        9223372036854774784.0,
        -9223372036854774784.0,
        // The smallest numbers of each type, half of them, and a little more.
        0x1p-14,
        0x1p-24,
        0x1p-25,
        0x1.0000000001p-25,
        -0x1.8p-25,
        0x1p-126,
        0x1p-133,
        0x1p-134,
        0x1.8p-134,
        0x1p-149,
        -0x1p-150,
        0x1.0000000001p-150,
        Double.MIN_VALUE,
        // The largest, and what is rounded to it and to infinity.
        0x1.fffffep127,
        0x1.fffffefffffffp127,
        0x1.ffffffp127,
        0x1.fep127,
        0x1.feffffp127,
        0x1.ffp127,
        -Double.MAX_VALUE,
        // Halfway between two numbers of each type, and next to that.
        1 + 0x1p-8,
        1 + 0x3p-8,
        1 + 0x1p-8 + 0x1p-52,
        1 + 0x1p-11,
        1 + 0x3p-11,
        1 + 0x1p-11 + 0x1p-52,
        1 + 0x1p-11 - 0x1p-52,
        1 + 0x1p-24,
        1 + 0x3p-24,
        INF,
        -INF,
        Double.NaN
    };

    private static final long[] WHOLE = {
        0,
        1,
        -1,
        2,
        127,
        128,
        255,
        256,
        257,
        -128,
        -256,
        2049,
        2051,
        65519,
        65520,
        -65520,
        (1 << 24) + 1,
        (1 << 24) + 3,
        -(1 << 24) - 1,
        Integer.MAX_VALUE,
        Integer.MIN_VALUE,
        Integer.MAX_VALUE + 1L,
        Integer.MIN_VALUE - 1L,
        1L << 40,
        (1L << 53) + 1,
        (1L << 53) + 3,
        // A little above and below ties of bfloat16 and of float32, closer than doubles are to each other.
        (1L << 62) + (1L << 54) + 1,
        (1L << 62) + 3 * (1L << 54) - 1,
        -(1L << 62) - (1L << 54) - 1,
        (1L << 62) + (1L << 38) + 1,
        (1L << 62) + 3 * (1L << 38) - 1,
        -(1L << 62) - (1L << 38) - 1,
        Long.MAX_VALUE,
        Long.MIN_VALUE,
        Long.MIN_VALUE + 1
    };

    /** Returns numbers of a type: its bounds, those around the bounds of others, ties, and what is no number. */
    static TypedValues special(DType type) {
        List<Number> numbers = new ArrayList<>();
        if (type.isFloating()) {
            for (double real : REALS) {
                numbers.add(convert(real, type));
            }
        } else {
            for (long whole : WHOLE) {
                numbers.add(convert(whole, type));
            }
        }
        return new TypedValues(type, numbers);
    }

    /** Returns the given count of numbers, repeating these. */
    TypedValues repeated(int count) {
        List<Number> more = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            more.add(values.get(i % values.size()));
        }
        return new TypedValues(type, more);
    }

    /** Returns what each number is in another type. */
    TypedValues convertedTo(DType to) {
        return new TypedValues(
                to, values.stream().map(value -> convert(value, to)).toList());
    }

    /** Converts a number as {@link DType} says. */
    static Number convert(Number value, DType to) {
        boolean whole = value instanceof Long;
        return switch (to) {
            case FLOAT64 -> value.doubleValue();
            case FLOAT32 -> (double) value.floatValue();
            case FLOAT16, BFLOAT16 ->
                whole
                        ? nearest(value.longValue(), HalfPrecision.of(to))
                        : HalfPrecision.of(to).round((double) value);
            case INT64 -> value.longValue();
            case INT32 -> clamp(value.longValue(), Integer.MIN_VALUE, Integer.MAX_VALUE);
            case UINT8 -> clamp(value.longValue(), 0, 255);
            case BOOL -> (whole ? value.longValue() != 0 : value.doubleValue() != 0) ? 1L : 0L;
        };
    }

    private static long clamp(long value, long low, long high) {
        return Math.max(low, Math.min(high, value));
    }

    /** Returns the nearest number of 16 bits by comparing the distances of three exactly. */
    private static double nearest(long value, HalfPrecision type) {
        double guess = type.round(value);
        if (Double.isInfinite(guess) || (long) guess == value) {
            return guess;
        }
        double unit = Math.scalb(1.0, Math.getExponent(guess) - type.fraction());
        double best = guess;
        for (double other : new double[] {guess - unit, guess + unit}) {
            best = distance(other, value).compareTo(distance(best, value)) < 0 ? other : best;
        }
        return best;
    }

    private static BigDecimal distance(double number, long value) {
        return new BigDecimal(number).subtract(BigDecimal.valueOf(value)).abs();
    }

    int count() {
        return values.size();
    }

    /** Makes a tensor of these values. */
    Tensor place(Session session, Shape shape) {
        return session.empty(type, Layout.rowMajor(shape)).assignRowMajor(buffer());
    }

    private Buffer buffer() {
        int n = count();
        switch (type) {
            case FLOAT32 -> {
                FloatBuffer buffer = FloatBuffer.allocate(n);
                values.forEach(value -> buffer.put(value.floatValue()));
                return buffer.flip();
            }
            case FLOAT64 -> {
                DoubleBuffer buffer = DoubleBuffer.allocate(n);
                values.forEach(value -> buffer.put(value.doubleValue()));
                return buffer.flip();
            }
            case FLOAT16, BFLOAT16 -> {
                ShortBuffer buffer = ShortBuffer.allocate(n);
                values.forEach(value -> buffer.put(HalfPrecision.of(type).bits(value.doubleValue())));
                return buffer.flip();
            }
            case INT32 -> {
                IntBuffer buffer = IntBuffer.allocate(n);
                values.forEach(value -> buffer.put(value.intValue()));
                return buffer.flip();
            }
            case INT64 -> {
                LongBuffer buffer = LongBuffer.allocate(n);
                values.forEach(value -> buffer.put(value.longValue()));
                return buffer.flip();
            }
            case UINT8, BOOL -> {
                ByteBuffer buffer = ByteBuffer.allocate(n);
                values.forEach(value -> buffer.put(value.byteValue()));
                return buffer.flip();
            }
            default -> throw new AssertionError(type);
        }
    }

    /** Reads a tensor's values in row-major order. */
    static TypedValues of(Tensor x) {
        int n = Math.toIntExact(x.shape().elements());
        List<Number> numbers = new ArrayList<>();
        switch (x.dtype()) {
            case FLOAT32 -> {
                FloatBuffer buffer = FloatBuffer.allocate(n);
                x.read(buffer);
                for (float value : buffer.array()) {
                    numbers.add((double) value);
                }
            }
            case FLOAT64 -> {
                DoubleBuffer buffer = DoubleBuffer.allocate(n);
                x.read(buffer);
                Arrays.stream(buffer.array()).forEach(numbers::add);
            }
            case FLOAT16, BFLOAT16 -> {
                ShortBuffer buffer = ShortBuffer.allocate(n);
                x.read(buffer);
                for (short bits : buffer.array()) {
                    numbers.add(HalfPrecision.of(x.dtype()).number(bits));
                }
            }
            case INT32 -> {
                IntBuffer buffer = IntBuffer.allocate(n);
                x.read(buffer);
                Arrays.stream(buffer.array()).forEach(value -> numbers.add((long) value));
            }
            case INT64 -> {
                LongBuffer buffer = LongBuffer.allocate(n);
                x.read(buffer);
                Arrays.stream(buffer.array()).forEach(numbers::add);
            }
            case UINT8, BOOL -> {
                ByteBuffer buffer = ByteBuffer.allocate(n);
                x.read(buffer);
                for (byte value : buffer.array()) {
                    numbers.add((long) (value & 0xFF));
                }
            }
        }
        return new TypedValues(x.dtype(), numbers);
    }
}
