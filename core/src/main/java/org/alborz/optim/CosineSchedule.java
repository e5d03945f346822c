package org.alborz.optim;

/** See {@link Schedule#cosine(long)}. */
record CosineSchedule(long steps) implements Formula {
    @Override
    public double after(long done) {
        return done >= steps ? 0 : 0.5 * (1 + Math.cos(Math.PI * ((double) done / steps)));
    }
}
