package org.alborz.optim;

/** See {@link Schedule#constant}. */
record ConstantSchedule() implements Formula {
    @Override
    public double after(long done) {
        return 1;
    }
}
