package org.alborz.distributed;

/** How the numbers of two ranks become one. */
public enum Reduction {
    SUM {
        @Override
        double of(double a, double b) {
            return a + b;
        }

        @Override
        void into(float[] target, int to, float[] values, int from, int count) {
            for (int i = 0; i < count; i++) {
                target[to + i] += values[from + i];
            }
        }
    },
    /** The smaller; NaN where either is NaN. */
    MIN {
        @Override
        double of(double a, double b) {
            return Math.min(a, b);
        }

        @Override
        void into(float[] target, int to, float[] values, int from, int count) {
            for (int i = 0; i < count; i++) {
                target[to + i] = Math.min(target[to + i], values[from + i]);
            }
        }
    },
    /** The larger; NaN where either is NaN. */
    MAX {
        @Override
        double of(double a, double b) {
            return Math.max(a, b);
        }

        @Override
        void into(float[] target, int to, float[] values, int from, int count) {
            for (int i = 0; i < count; i++) {
                target[to + i] = Math.max(target[to + i], values[from + i]);
            }
        }
    };

    abstract double of(double a, double b);

    /** Joins the values to those of the target. */
    abstract void into(float[] target, int to, float[] values, int from, int count);
}
