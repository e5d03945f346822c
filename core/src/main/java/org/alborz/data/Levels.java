package org.alborz.data;

/** Changes of an image's bytes by a table for each channel, as torchvision and Pillow compute them. */
final class Levels {
    private static final int LEVELS = 256;

    private Levels() {}

    /** Keeps the upper bits of each byte. */
    static void posterize(Sample sample, int field, int bits) {
        int mask = 0xFF << (8 - bits) & 0xFF;
        int[] table = new int[LEVELS];
        for (int i = 0; i < LEVELS; i++) {
            table[i] = i & mask;
        }
        apply(sample, field, counts -> table);
    }

    /** Inverts bytes from a threshold on. */
    static void solarize(Sample sample, int field, float threshold) {
        int[] table = new int[LEVELS];
        for (int i = 0; i < LEVELS; i++) {
            table[i] = i >= threshold ? 255 - i : i;
        }
        apply(sample, field, counts -> table);
    }

    /** Stretches the range of each channel to 0 to 255. */
    static void widen(Sample sample, int field) {
        apply(sample, field, counts -> {
            int least = 0;
            int most = LEVELS - 1;
            while (counts[least] == 0) {
                least++;
            }
            while (counts[most] == 0) {
                most--;
            }
            int[] table = new int[LEVELS];
            for (int i = 0; i < LEVELS; i++) {
                table[i] = least == most
                        ? i
                        : Math.max(0, Math.min(255, Math.round((i - least) * (255f / (most - least)))));
            }
            return table;
        });
    }

    /** Makes the levels of each channel about equally frequent, as Pillow's {@code equalize} does. */
    static void equalize(Sample sample, int field) {
        apply(sample, field, counts -> {
            int total = 0;
            int last = 0;
            for (int count : counts) {
                total += count;
                last = count > 0 ? count : last;
            }
            int step = (total - last) / 255;
            int[] table = new int[LEVELS];
            int sum = step / 2;
            for (int i = 0; i < LEVELS; i++) {
                table[i] = step == 0 ? i : Math.min(255, sum / step);
                sum += counts[i];
            }
            return table;
        });
    }

    /** Gives what each byte of a channel becomes. */
    private interface Table {
        int[] of(int[] counts);
    }

    private static void apply(Sample sample, int field, Table tables) {
        sample.settle(field);
        byte[] values = sample.bytes(field);
        int at = sample.at(field);
        int channels = sample.fields().get(field).shape().size(0);
        int end = at + sample.fields().get(field).elements();
        for (int c = 0; c < channels; c++) {
            int[] counts = new int[LEVELS];
            for (int i = at + c; i < end; i += channels) {
                counts[values[i] & 0xFF]++;
            }
            int[] table = tables.of(counts);
            for (int i = at + c; i < end; i += channels) {
                values[i] = (byte) table[values[i] & 0xFF];
            }
        }
    }
}
