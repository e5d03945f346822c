package org.alborz.train;

/**
 * What one epoch of training came to.
 *
 * @param epoch counted from 1
 * @param loss the mean training loss, measured while the weights were changing
 * @param accuracy the training accuracy, likewise
 * @param validation on the validation data after the epoch, or null where there is none
 * @param seconds of training, without the validation
 * @param samplesPerSecond of training
 */
public record EpochResult(
        int epoch, double loss, double accuracy, Evaluation validation, double seconds, double samplesPerSecond) {
    /** Tells whether the losses are numbers; the weights may be finite and yet so large that nothing they compute is. */
    public boolean isFinite() {
        return Double.isFinite(loss) && (validation == null || Double.isFinite(validation.loss()));
    }
}
