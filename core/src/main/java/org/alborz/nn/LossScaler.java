package org.alborz.nn;

import java.util.List;
import org.alborz.backend.LossScaleStep;
import org.alborz.ops.Engine;
import org.alborz.ops.Unscale;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Layout;
import org.alborz.type.Shape;

/**
 * Scales the loss of a model that computes in float16, so that small gradients do not become 0 on the way back, and divides the
 * gradients by the scale before they are used.
 *
 * <p>The scale begins at 65536. A step whose gradients are not all finite is skipped: it changes neither weights nor the optimizer's
 * state, and the scale is halved. After 2000 steps in a row that were not skipped it is doubled. These are the defaults of PyTorch's
 * {@code GradScaler}. The device keeps the scale and decides; an eager step waits for it to know whether it is skipped, a captured one
 * does not.
 */
public final class LossScaler {
    /** After so many steps in a row that were not skipped the scale is doubled. */
    public static final int GROWTH_STEPS = 2000;

    private static final double FIRST = 65536;
    private static final double SMALLEST = Float.MIN_NORMAL;
    private static final double LARGEST = 0x1p127;

    private static final Unscale UNSCALE =
            new Unscale(new LossScaleStep.Parameters(2, 0.5, GROWTH_STEPS, SMALLEST, LARGEST));

    private final Session session;
    private final Tensor gradients;

    /** The scale on the device, by which the loss is multiplied. */
    private final Tensor factor;

    /** What {@link LossScaleStep} says, on the device. */
    private final Tensor state;

    /** The state as it was read last. */
    private double[] read;

    /** How many steps the device did since. */
    private int unread;

    /**
     * Makes a scaler.
     *
     * @param scope owns its memory
     */
    LossScaler(Scope scope, Tensor gradients) {
        this.session = gradients.session();
        this.gradients = gradients;
        this.factor = scope.hold(session.scalar(FIRST)).named("loss scale");
        this.state = scope.hold(session.empty(DType.FLOAT64, Layout.rowMajor(Shape.of(LossScaleStep.STATE))))
                .named("state of the loss scale");
        write(FIRST, 0, 0);
    }

    private double[] state() {
        if (unread > 0) {
            read = state.toDoubles();
            unread = 0;
        }
        return read;
    }

    private void write(double scale, int steps, long skipped) {
        read = new double[LossScaleStep.STATE];
        read[LossScaleStep.SCALE] = scale;
        read[LossScaleStep.STEPS] = steps;
        read[LossScaleStep.SKIPPED] = skipped;
        unread = 0;
        session.write(read, state);
    }

    /** Returns the scale of the next step. This and the other numbers wait for the device where it did steps meanwhile. */
    public double scale() {
        return state()[LossScaleStep.SCALE];
    }

    /** Returns how many steps in a row were not skipped since the scale was changed. */
    public int stepsSinceChange() {
        return (int) state()[LossScaleStep.STEPS];
    }

    /** Returns how many steps were skipped in all. */
    public long skippedSteps() {
        return (long) state()[LossScaleStep.SKIPPED];
    }

    /** Returns how many steps the device did since these numbers were read: so many more may have been skipped than {@link #skippedWhenRead}. */
    public int unreadSteps() {
        return unread;
    }

    /** Returns how many steps were skipped when the device was last asked. */
    public long skippedWhenRead() {
        return (long) read[LossScaleStep.SKIPPED];
    }

    /** Notes that the device did a captured step, with {@link #unscale(Tensor, Tensor)} in it. */
    public void replayed() {
        unread++;
    }

    /** Returns what steps change on the device, for those who replay one. */
    public List<Tensor> tensors() {
        return List.of(factor, state);
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
        unscale(null, null);
        replayed();
        return state()[LossScaleStep.OVERFLOWED] == 0;
    }

    /**
     * Does the same in a captured step, and chooses the numbers of the optimizer's step by whether they are finite, and by how many steps were
     * skipped before.
     *
     * @param choices float64 {@code [1 + R·K]}: a number of skipped steps k, and rows of K numbers: that of a skipped step, and those after k skipped
     *     steps, after k + 1, and so on
     * @param numbers float64 {@code [K]}, overwritten
     */
    public void unscale(Tensor choices, Tensor numbers) {
        Engine.applyAll(UNSCALE, 0, gradients, state, factor, choices, numbers);
    }

    /** Tells whether a number may be a scale. */
    public static boolean isScale(double number) {
        return number >= SMALLEST && number <= LARGEST;
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
        factor.fill(savedScale);
        write(savedScale, savedSteps, savedSkipped);
    }
}
