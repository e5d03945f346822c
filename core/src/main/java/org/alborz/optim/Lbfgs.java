package org.alborz.optim;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.alborz.backend.BinaryOp;
import org.alborz.nn.Model;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.LineSearch.Point;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;

/**
 * L-BFGS (Liu and Nocedal 1989) with a line search by the strong Wolfe conditions, as PyTorch's {@code LBFGS} with {@code strong_wolfe}:
 * {@code θ −= α·H·g}, where H approximates the inverse of the second derivatives by the latest changes of θ and g, and the line search finds α. It is for
 * small problems whose loss is computed over all data. A step evaluates the loss several times, so it takes what computes it, and no {@code
 * Trainer} uses it:
 *
 * <pre>{@code
 * try (Lbfgs lbfgs = new Lbfgs(model)) {
 *     for (int i = 0; i < 20; i++) {
 *         double loss = lbfgs.step(step -> Loss.mse().of(step.forward(x), y));
 *     }
 * }
 * }</pre>
 *
 * <p>The loss must be the same function each time: dropout draws the same numbers in all evaluations. A weight decay, of all parameters or
 * by group, is a penalty that is added to it. Frozen parameters stay as they are. Two vectors as large as the parameters are kept for each of
 * the latest changes; {@code LbfgsCheckpoint} saves them.
 */
public final class Lbfgs implements AutoCloseable {
    private final Model model;
    private final Session session;
    private final DType type;
    private double learningRate = 1;
    private int iterations = 20;
    private int mostEvaluations = 25;
    private double toleranceOfGradient = 1e-7;
    private double toleranceOfChange = 1e-9;
    private int history = LbfgsHistory.USUAL;

    /** Knows which parameters decay how; made again when the decay or the groups are set. */
    private Attachment attachment;

    private final LbfgsHistory changes;
    private double length;
    private long done;
    private long steps;
    private long evaluations;
    private long freezes;

    /**
     * Makes it for a model with a learning rate of 1, at most 20 iterations and 25 evaluations a step, tolerances of 1e-7 of the gradient and 1e-9
     * of changes, and a history of 100 as defaults.
     *
     * @throws IllegalArgumentException for a model whose loss is scaled, one of mixed float16
     */
    public Lbfgs(Model model) {
        this.model = Given.value(model, "Lbfgs", "a model");
        this.session = model.session();
        this.type = model.values().dtype().accumulator();
        if (model.lossScaler() != null) {
            throw new IllegalArgumentException("Lbfgs expects a model whose loss is not scaled, got one of precision "
                    + model.precision() + "; use Precision.mixed(BFLOAT16) or full()");
        }
        changes = new LbfgsHistory(model, type);
        attach(0, List.of());
    }

    /** Sets the first step length that is tried, above 0. */
    public Lbfgs learningRate(double value) {
        learningRate = Checks.positive("Lbfgs", "learning rate", value);
        return this;
    }

    /** Sets the most iterations of a step, at least 1, and the most evaluations to 5/4 of them. */
    public Lbfgs iterations(int most) {
        iterations = (int) Checks.steps("Lbfgs", most);
        mostEvaluations = (int) Math.min(Integer.MAX_VALUE, most * 5L / 4);
        return this;
    }

    /**
     * Sets when a step ends before its iterations are done: no element of the gradient is larger than the first tolerance, or of a change
     * than the second, or the loss changed by less than that.
     */
    public Lbfgs tolerances(double ofGradient, double ofChange) {
        toleranceOfGradient = Checks.atLeastZero("Lbfgs", "tolerance", ofGradient);
        toleranceOfChange = Checks.atLeastZero("Lbfgs", "tolerance", ofChange);
        return this;
    }

    /** Sets how many changes are kept, at least 1. */
    public Lbfgs history(int size) {
        history = (int) Checks.steps("Lbfgs", size);
        return this;
    }

    /**
     * Sets the weight decay of parameters whose group has none of its own, 0 by default: the penalty {@code λ/2·‖θ‖²} is added to the loss
     * and λθ to its gradient, so that the line search sees it.
     */
    public Lbfgs weightDecay(double decay) {
        requireOpen();
        attach(decay, attachment.groups());
        return this;
    }

    /**
     * Sets the groups of parameters with a weight decay of their own; a parameter belongs to the first that takes it.
     *
     * @throws IllegalArgumentException when a group takes no parameter, or has a rate factor, an L1 penalty or a decoupled weight decay:
     *     there is one step length for all parameters, and the curvature of a penalty that is not smooth cannot be learned
     */
    public Lbfgs groups(ParameterGroup... each) {
        requireOpen();
        for (ParameterGroup group : Given.value(each, "Lbfgs", "parameter groups")) {
            if (group.rateFactor() != 1 || group.l1() != 0 || group.decoupled().orElse(false)) {
                throw new IllegalArgumentException(
                        "Lbfgs expects groups with a weight decay only, which is added to the"
                                + " loss, got one with rate factor " + group.rateFactor() + ", L1 penalty " + group.l1()
                                + (group.decoupled().orElse(false) ? " and a decoupled weight decay" : "")
                                + "; freeze what is not to change, or use another optimizer");
            }
        }
        attach(attachment.weightDecay(), List.of(each));
        return this;
    }

    /** Takes a weight decay and groups; where they are refused it keeps those it had. */
    private void attach(double weightDecay, List<ParameterGroup> groups) {
        Attachment made = new Attachment("Lbfgs", weightDecay, groups);
        made.attach(model);
        if (attachment != null) {
            attachment.detach();
        }
        attachment = made;
        forget();
    }

    /** Returns what is updated, each with its weight decay. */
    List<Span> spans() {
        return attachment.spans();
    }

    private void requireOpen() {
        if (attachment.model() == null) {
            throw new IllegalStateException("Lbfgs was used after it was closed; make another one");
        }
    }

    /** Returns the model whose values it changes. */
    public Model model() {
        return model;
    }

    /** Returns the settings in words, so that a continued run can tell whether they changed. */
    public String settings() {
        requireOpen();
        return "learning_rate=" + learningRate + " iterations=" + iterations + " tolerances=" + toleranceOfGradient
                + "," + toleranceOfChange + " history=" + history + " weight_decay=" + attachment.weightDecay()
                + attachment.settings();
    }

    /** Returns how often the loss was evaluated in all. */
    public long evaluations() {
        return evaluations;
    }

    /**
     * Changes the model's values so that the loss falls.
     *
     * @param objective computes the loss, a scalar, over all data
     * @return the loss before the step, with the penalty of a weight decay; where it is not finite nothing was changed
     */
    public double step(Function<TrainingStep, Tensor> objective) {
        session.check();
        requireOpen();
        Given.value(objective, "Lbfgs", "what computes the loss");
        if (freezes != model.freezes()) {
            forget();
            freezes = model.freezes();
        }
        steps++;
        try (Scope scope = session.scope("L-BFGS")) {
            Tensor values = Flat.copy(model.values(), type);
            Point now = evaluate(objective, 0, null);
            double first = now.loss();
            if (Double.isFinite(first) && Flat.largest(now.gradient()) > toleranceOfGradient) {
                minimize(objective, values, now);
            }
            return first;
        }
    }

    private void minimize(Function<TrainingStep, Tensor> objective, Tensor values, Point first) {
        Point now = first;
        int evaluated = 1;
        for (int i = 1; i <= iterations; i++) {
            done++;
            Tensor direction = changes.direction(now.gradient(), length, history);
            length = learningRate * (done == 1 ? Math.min(1, 1 / Flat.sumOfMagnitudes(now.gradient())) : 1);
            double slope = Flat.dot(now.gradient(), direction);
            if (slope > -toleranceOfChange) {
                return;
            }
            Point before = now;
            double most = Flat.largest(direction);
            LineSearch search = new LineSearch(
                    at -> {
                        move(values, direction, at);
                        return evaluate(objective, at, direction);
                    },
                    new Point(0, before.loss(), before.gradient(), slope),
                    toleranceOfChange / most);
            now = searched(search);
            before.gradient().close();
            length = now.length();
            move(values, direction, length);
            values.assign(model.values());
            evaluated += search.evaluations();
            if (evaluated >= mostEvaluations
                    || Flat.largest(now.gradient()) <= toleranceOfGradient
                    || most * length <= toleranceOfChange
                    || Math.abs(now.loss() - before.loss()) < toleranceOfChange) {
                return;
            }
        }
    }

    /** Searches and keeps nothing but the gradient that was found. */
    private Point searched(LineSearch search) {
        try (Scope scope = session.scope("line search")) {
            Point found = search.from(length);
            return new Point(
                    found.length(), found.loss(), scope.keep(found.gradient().detach()), found.slope());
        }
    }

    private void move(Tensor values, Tensor direction, double by) {
        try (Scope scope = session.scope("move")) {
            model.values().assign(values.add(direction.mul(by)));
        }
    }

    /** Returns loss and gradient at the model's values; the gradient is a copy. */
    private Point evaluate(Function<TrainingStep, Tensor> objective, double at, Tensor along) {
        evaluations++;
        double loss;
        try (TrainingStep step = model.step(0, steps)) {
            Tensor computed = objective.apply(step);
            step.backward(computed);
            loss = computed.item() + penalty();
        }
        Tensor gradient = Flat.copy(model.gradients(), type);
        boolean finite = Double.isFinite(loss);
        return new Point(
                at,
                finite || at == 0 ? loss : Double.POSITIVE_INFINITY,
                gradient,
                along == null ? 0 : Flat.dot(gradient, along));
    }

    /** Adds the gradient of the weight decay to the gradients; returns its part of the loss. */
    private double penalty() {
        double sum = 0;
        for (Span span : spans()) {
            if (span.weightDecay() != 0) {
                try (Scope scope = session.scope("weight decay")) {
                    Tensor values = span.values().to(type);
                    sum += span.weightDecay() / 2 * values.square().sum().item();
                    span.gradients().update(BinaryOp.ADD, span.values().mul(span.weightDecay()));
                }
            }
        }
        return sum;
    }

    /** Clears the history, so that the next step follows the gradient; for use when the loss becomes another function. */
    public void forget() {
        session.requireOwner();
        requireOpen();
        changes.clear();
        done = 0;
    }

    /**
     * Returns by name what is kept from step to step: tensors laid out as {@link Model#values}, of the {@link DType#accumulator} of their
     * type. They belong to this and change with the next step.
     */
    public Map<String, Tensor> state() {
        requireOpen();
        return changes.state();
    }

    /** Returns the numbers that are kept from step to step. */
    public Progress progress() {
        return new Progress(changes.size(), length, changes.scale(), done, steps, evaluations);
    }

    /**
     * Continues from what another one with the same settings returned, after the model's values were set to what they were then and the
     * same parameters frozen.
     *
     * @param state as {@link #state} returned it, which is copied
     * @param progress as {@link #progress} returned it
     */
    public void restore(Map<String, Tensor> state, Progress progress) {
        session.check();
        requireOpen();
        Given.value(state, "Lbfgs", "a state");
        Given.value(progress, "Lbfgs", "a progress");
        changes.restore(state, progress.changes, progress.scale);
        length = progress.length;
        done = progress.iterations;
        steps = progress.steps;
        evaluations = progress.evaluations;
        freezes = model.freezes();
    }

    /** Releases the memory of the history; it cannot be used afterwards. */
    @Override
    public void close() {
        session.requireOwner();
        changes.clear();
        attachment.detach();
    }

    /**
     * The numbers that are kept from step to step.
     *
     * @param changes how many changes the history has
     * @param length of the last step along the direction
     * @param scale what a direction without a history is multiplied by
     * @param iterations since the history began
     * @param steps in all
     * @param evaluations of the loss in all
     */
    public record Progress(int changes, double length, double scale, long iterations, long steps, long evaluations) {}
}
