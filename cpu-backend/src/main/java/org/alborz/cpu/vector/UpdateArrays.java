package org.alborz.cpu.vector;

import org.alborz.backend.Operand;

/** The arrays of an optimizer's step and where its elements begin in each; second and third are null where a rule has no such state. */
record UpdateArrays(
        float[] value,
        int valueAt,
        float[] gradient,
        int gradientAt,
        float[] first,
        int firstAt,
        float[] second,
        int secondAt,
        float[] third,
        int thirdAt) {
    UpdateArrays(float[] value, int valueAt, float[] gradient, int gradientAt, float[] first, int firstAt) {
        this(value, valueAt, gradient, gradientAt, first, firstAt, null, 0, null, 0);
    }

    static UpdateArrays of(Operand value, Operand gradient, Operand first, Operand second, Operand third) {
        return new UpdateArrays(
                Floats.of(value),
                Floats.at(value),
                Floats.of(gradient),
                Floats.at(gradient),
                Floats.of(first),
                Floats.at(first),
                second == null ? null : Floats.of(second),
                second == null ? 0 : Floats.at(second),
                third == null ? null : Floats.of(third),
                third == null ? 0 : Floats.at(third));
    }

    UpdateArrays withSecond(float[] array, int at) {
        return new UpdateArrays(value, valueAt, gradient, gradientAt, first, firstAt, array, at, third, thirdAt);
    }

    UpdateArrays withThird(float[] array, int at) {
        return new UpdateArrays(value, valueAt, gradient, gradientAt, first, firstAt, second, secondAt, array, at);
    }

    /** Copies some elements to the beginning of others. */
    void copyTo(UpdateArrays others, int from, int count) {
        System.arraycopy(value, valueAt + from, others.value, 0, count);
        System.arraycopy(gradient, gradientAt + from, others.gradient, 0, count);
        System.arraycopy(first, firstAt + from, others.first, 0, count);
        if (second != null) {
            System.arraycopy(second, secondAt + from, others.second, 0, count);
        }
        if (third != null) {
            System.arraycopy(third, thirdAt + from, others.third, 0, count);
        }
    }

    /** Copies back what a step changes. */
    void copyBack(UpdateArrays others, int from, int count) {
        System.arraycopy(others.value, 0, value, valueAt + from, count);
        System.arraycopy(others.first, 0, first, firstAt + from, count);
        if (second != null) {
            System.arraycopy(others.second, 0, second, secondAt + from, count);
        }
        if (third != null) {
            System.arraycopy(others.third, 0, third, thirdAt + from, count);
        }
    }
}
