package org.alborz.optim;

/** See {@link Schedule#cosineRestarts}. */
record CosineRestartsSchedule(long first, int multiplier) implements Formula {
    CosineRestartsSchedule {
        Checks.steps("cosineRestarts", first);
        if (multiplier < 1) {
            throw new IllegalArgumentException("cosineRestarts expects a multiplier of at least 1, got " + multiplier);
        }
    }

    @Override
    public double after(long done) {
        long rest = done;
        long length = first;
        if (multiplier == 1) {
            rest = done % first;
        } else {
            while (rest >= length) {
                rest -= length;
                length = length > Long.MAX_VALUE / multiplier ? Long.MAX_VALUE : length * multiplier;
            }
        }
        return 0.5 * (1 + Math.cos(Math.PI * ((double) rest / length)));
    }
}
