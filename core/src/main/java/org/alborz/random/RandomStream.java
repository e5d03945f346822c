package org.alborz.random;

/**
 * Reads one Philox stream word by word.
 *
 * <p>Word {@code i} is word {@code i mod 4} of the block at counter {@code i / 4}, as in the backends' random fill. The
 * position is the whole state: a stream with the same seed, stream and position draws the same numbers. Not safe for
 * use by several threads.
 */
public final class RandomStream {
    private static final long NO_BLOCK = -1;

    private final long seed;
    private final long stream;
    private final int[] words = new int[4];

    /** The block that {@code words} holds. */
    private long block = NO_BLOCK;

    private long position;

    /**
     * Opens a stream at position 0.
     *
     * @param stream as from {@link Streams#stream}
     */
    public RandomStream(long seed, long stream) {
        this.seed = seed;
        this.stream = stream;
    }

    public long seed() {
        return seed;
    }

    public long stream() {
        return stream;
    }

    /** Returns the index of the next word. */
    public long position() {
        return position;
    }

    /** Moves to a word, counted from 0. */
    public void seek(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("A stream's position is at least 0, got " + position);
        }
        this.position = position;
    }

    /** Draws 32 random bits; takes one word. */
    public int nextInt() {
        long wanted = position >>> 2;
        if (wanted != block) {
            Philox.block(seed, stream, wanted, words, 0);
            block = wanted;
        }
        return words[(int) (position++ & 3)];
    }

    /**
     * Draws from 0 to {@code bound - 1}, each equally likely (Lemire 2019, "Fast random integer generation in an
     * interval"); takes one word, rarely more.
     */
    public int nextInt(int bound) {
        if (bound < 1) {
            throw new IllegalArgumentException("nextInt expects a bound of at least 1, got " + bound);
        }
        long product = (nextInt() & 0xFFFFFFFFL) * bound;
        if ((product & 0xFFFFFFFFL) < bound) {
            // The first 2³² mod bound low words would give some results one chance more than others.
            long surplus = (1L << 32) % bound;
            while ((product & 0xFFFFFFFFL) < surplus) {
                product = (nextInt() & 0xFFFFFFFFL) * bound;
            }
        }
        return (int) (product >>> 32);
    }

    /** Draws from [0, 1): the upper 24 bits of one word times 2⁻²⁴. */
    public float uniform() {
        return (nextInt() >>> 8) * 0x1p-24f;
    }

    /**
     * Draws from the standard normal distribution by Box and Muller's transform; takes two words at an even position,
     * and skips one where the position is odd.
     */
    public double normal() {
        alignToPair();
        double radius = radius(nextInt());
        return radius * StrictMath.cos(angle(nextInt()));
    }

    /**
     * Fills the array from the standard normal distribution. From position 0 these are the numbers of the backends'
     * random fill: elements 2k and 2k + 1 are the cosine and sine of words 2k and 2k + 1. An odd position, and an odd
     * length, skip a word.
     */
    public void fillNormal(double[] values) {
        alignToPair();
        for (int i = 0; i < values.length; i += 2) {
            double radius = radius(nextInt());
            double angle = angle(nextInt());
            values[i] = radius * StrictMath.cos(angle);
            if (i + 1 < values.length) {
                values[i + 1] = radius * StrictMath.sin(angle);
            }
        }
    }

    /** Fills the array as {@link #fillNormal(double[])} does, each number rounded to float. */
    public void fillNormal(float[] values) {
        alignToPair();
        for (int i = 0; i < values.length; i += 2) {
            double radius = radius(nextInt());
            double angle = angle(nextInt());
            values[i] = (float) (radius * StrictMath.cos(angle));
            if (i + 1 < values.length) {
                values[i + 1] = (float) (radius * StrictMath.sin(angle));
            }
        }
    }

    /** Puts the values into random order, each order equally likely (Fisher and Yates's shuffle). */
    public void shuffle(int[] values) {
        for (int i = values.length - 1; i > 0; i--) {
            int other = nextInt(i + 1);
            int value = values[i];
            values[i] = values[other];
            values[other] = value;
        }
    }

    private void alignToPair() {
        position += position & 1;
    }

    private static double radius(int word) {
        return StrictMath.sqrt(-2 * StrictMath.log(((word & 0xFFFFFFFFL) + 1) * 0x1p-32));
    }

    private static double angle(int word) {
        return 2 * StrictMath.PI * ((word & 0xFFFFFFFFL) * 0x1p-32);
    }
}
