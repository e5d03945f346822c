package org.alborz.nn;

import org.alborz.backend.UnaryOp;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;

/**
 * Scales the loss of a model that computes in float16, so that small gradients do not become 0 on the way back, and divides the
 * gradients by the scale before they are used.
 *
 * <p>The scale begins at 65536. A step whose gradients are not all finite is skipped: it changes neither weights nor the optimizer's
 * state, and the scale is halved. After 2000 steps in a row that were not skipped it is doubled. These are the defaults of PyTorch's
 * {@code GradScaler}. To know whether to skip, each step waits for the device.
 */
public final class LossScaler {
    /** After so many steps in a row that were not skipped the scale is doubled. */
    public static final int GROWTH_STEPS = 2000;

    private static final double FIRST = 65536;
    private static final double GROWTH = 2;
    private static final double BACKOFF = 0.5;
    private static final double SMALLEST = Float.MIN_NORMAL;
    private static final double LARGEST = 0x1p127;

    private final Session session;
    private final Tensor gradients;

    /** The scale on the device, where captured steps read it. */
    private final Tensor factor;

    private double scale = FIRST;
    private int steps;
    private long skipped;

    /**
     * Makes a scaler.
     *
     * @param scope owns its memory
     */
    LossScaler(Scope scope, Tensor gradients) {
        this.session = gradients.session();
        this.gradients = gradients;
        this.factor = scope.hold(session.scalar(scale)).named("loss scale");
    }

    /** Returns the scale of the next step. */
    public double scale() {
        return scale;
    }

    /** Returns how many steps in a row were not skipped since the scale was changed. */
    public int stepsSinceChange() {
        return steps;
    }

    /** Returns how many steps were skipped in all. */
    public long skippedSteps() {
        return skipped;
    }

    /** Returns the loss times the scale; its gradients have to go through {@link #unscale}. */
    public Tensor scale(Tensor loss) {
        return loss.to(factor.dtype()).mul(loss.shape().equals(factor.shape()) ? factor : factor.expand(loss.shape()));
    }

    /**
     * Divides the model's gradients by the scale, and adapts the scale for the next step.
     *
     * @return whether they are finite; if not, the optimizer's step is to be left out
     */
    public boolean unscale() {
        gradients.update(UnaryOp.MULTIPLY, 1 / scale);
        boolean finite;
        try (Scope check = session.scope("loss scale")) {
            // 0 · g is 0 for every finite g and NaN for the others.
            finite = gradients.mul(0).sum().item() == 0;
        }
        if (!finite) {
            skipped++;
            change(Math.max(SMALLEST, scale * BACKOFF));
        } else if (++steps == GROWTH_STEPS) {
            change(Math.min(LARGEST, scale * GROWTH));
        }
        return finite;
    }

    /** Tells whether a number may be a scale. */
    public static boolean isScale(double number) {
        return number >= SMALLEST && number <= LARGEST;
    }

    private void change(double next) {
        steps = 0;
        scale = next;
        factor.fill(next);
    }

    /**
     * Goes on from what was saved.
     *
     * @throws IllegalArgumentException for what no run comes to
     */
    public void restore(double savedScale, int savedSteps, long savedSkipped) {
        if (!isScale(savedScale) || savedSteps < 0 || savedSteps >= GROWTH_STEPS || savedSkipped < 0) {
            throw new IllegalArgumentException("A loss scaler expects a scale from " + SMALLEST + " to " + LARGEST
                    + ", 0 to " + (GROWTH_STEPS - 1)
                    + " steps since its change and no negative number of skipped steps, got "
                    + savedScale + ", " + savedSteps + ", " + savedSkipped);
        }
        change(savedScale);
        steps = savedSteps;
        skipped = savedSkipped;
    }
}
