package org.alborz.backend;

/**
 * The numbers of an optimizer's step that change from step to step, so that a captured graph reads those of each replay from memory. What a
 * step does not read is ignored.
 *
 * @param rate what the change is multiplied by: the learning rate, with the corrections of the averages' bias
 * @param gradientRate likewise, of the gradient itself
 * @param correction what an average of squares is multiplied by for its bias
 * @param shrink what a value is multiplied by before the change is subtracted
 */
public record StepNumbers(double rate, double gradientRate, double correction, double shrink) {
    /** How many there are. */
    public static final int COUNT = 4;

    /** The place of the rate among them. */
    public static final int RATE = 0;

    /** That of the gradient's rate. */
    public static final int GRADIENT_RATE = 1;

    /** That of the correction. */
    public static final int CORRECTION = 2;

    /** That of the factor of values. */
    public static final int SHRINK = 3;

    /** Those of a step that changes nothing, which its rate says. */
    public static final StepNumbers NONE = new StepNumbers(Double.NaN, 0, 1, 1);

    /** Tells whether the step changes neither values nor states, as the one of gradients that are not finite: the rate is NaN. */
    public boolean isNone() {
        return Double.isNaN(rate);
    }

    /** Takes them as {@link #put} writes them. */
    public static StepNumbers of(double[] values) {
        return new StepNumbers(values[RATE], values[GRADIENT_RATE], values[CORRECTION], values[SHRINK]);
    }

    /** Returns the number at a place, such as {@link #RATE}. */
    public double get(int place) {
        return switch (place) {
            case RATE -> rate;
            case GRADIENT_RATE -> gradientRate;
            case CORRECTION -> correction;
            case SHRINK -> shrink;
            default ->
                throw new IllegalArgumentException("StepNumbers expects a place below " + COUNT + ", got " + place);
        };
    }

    /** Writes them into an array from a place on, in the order in which {@link ReplayedUpdate} reads them. */
    public void put(double[] into, int at) {
        into[at + RATE] = rate;
        into[at + GRADIENT_RATE] = gradientRate;
        into[at + CORRECTION] = correction;
        into[at + SHRINK] = shrink;
    }
}
