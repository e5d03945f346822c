package org.alborz.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.alborz.backend.BinaryOp;
import org.alborz.backend.UnaryOp;
import org.alborz.nn.Model;
import org.alborz.nn.TrainingStep;
import org.alborz.optim.LineSearch.Point;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Layout;

/**
 * L-BFGS (Liu and Nocedal 1989) with a line search by the strong Wolfe conditions, as PyTorch's {@code LBFGS} with {@code strong_wolfe}: for
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
 * <p>The loss must be the same function each time: dropout draws the same numbers in all evaluations. A penalty such as a weight decay is
 * part of the loss. Frozen parameters stay as they are. Two vectors as large as the parameters are kept for each of the latest changes.
 */
public final class Lbfgs implements AutoCloseable {
    private static final double LEAST_CURVATURE = 1e-10;

    /** A change of the values and that of the gradient with it, and 1 by their product. */
    private record Change(Tensor values, Tensor gradient, double inverse) {}

    private final Model model;
    private final Session session;
    private final DType type;
    private double learningRate = 1;
    private int iterations = 20;
    private int mostEvaluations = 25;
    private double toleranceOfGradient = 1e-7;
    private double toleranceOfChange = 1e-9;
    private int history = 100;

    private final List<Change> changes = new ArrayList<>();
    private Tensor direction;
    private Tensor gradientBefore;
    private double length;
    private double scale = 1;
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

    /** Returns how often the loss was evaluated in all. */
    public long evaluations() {
        return evaluations;
    }

    /**
     * Changes the model's values so that the loss falls.
     *
     * @param objective computes the loss, a scalar, over all data
     * @return the loss before the step; where it is not finite nothing was changed
     */
    public double step(Function<TrainingStep, Tensor> objective) {
        session.check();
        Given.value(objective, "Lbfgs", "what computes the loss");
        if (freezes != model.freezes()) {
            forget();
            freezes = model.freezes();
        }
        steps++;
        try (Scope scope = session.scope("L-BFGS")) {
            Tensor values = copy(model.values());
            Point now = evaluate(objective, 0, null);
            double first = now.loss();
            if (Double.isFinite(first) && largest(now.gradient()) > toleranceOfGradient) {
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
            findDirection(now.gradient());
            length = learningRate * (done == 1 ? Math.min(1, 1 / sumOfMagnitudes(now.gradient())) : 1);
            double slope = dot(now.gradient(), direction);
            if (slope > -toleranceOfChange) {
                return;
            }
            Point before = now;
            double most = largest(direction);
            LineSearch search = new LineSearch(
                    at -> {
                        move(values, at);
                        return evaluate(objective, at, direction);
                    },
                    new Point(0, before.loss(), before.gradient(), slope),
                    toleranceOfChange / most);
            now = searched(search);
            before.gradient().close();
            length = now.length();
            move(values, length);
            values.assign(model.values());
            evaluated += search.evaluations();
            if (evaluated >= mostEvaluations
                    || largest(now.gradient()) <= toleranceOfGradient
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

    private void move(Tensor values, double by) {
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
            loss = computed.item();
        }
        Tensor gradient = copy(model.gradients());
        boolean finite = Double.isFinite(loss);
        return new Point(
                at,
                finite || at == 0 ? loss : Double.POSITIVE_INFINITY,
                gradient,
                along == null ? 0 : dot(gradient, along));
    }

    /** Takes the last change into the history and finds the direction by the two loops (Nocedal and Wright 2006, algorithm 7.4). */
    private void findDirection(Tensor gradient) {
        if (done == 1) {
            direction = kept(direction, gradient);
            direction.update(UnaryOp.MULTIPLY, -1);
        } else {
            remember(gradient);
            direction.assign(gradient);
            direction.update(UnaryOp.MULTIPLY, -1);
            double[] shares = new double[changes.size()];
            for (int i = changes.size() - 1; i >= 0; i--) {
                Change change = changes.get(i);
                shares[i] = dot(change.values, direction) * change.inverse;
                add(direction, change.gradient, -shares[i]);
            }
            direction.update(UnaryOp.MULTIPLY, scale);
            for (int i = 0; i < changes.size(); i++) {
                Change change = changes.get(i);
                double share = dot(change.gradient, direction) * change.inverse;
                add(direction, change.values, shares[i] - share);
            }
        }
        gradientBefore = kept(gradientBefore, gradient);
    }

    private void remember(Tensor gradient) {
        try (Scope scope = session.scope("history")) {
            Tensor y = gradient.sub(gradientBefore);
            Tensor s = direction.mul(length);
            double product = dot(y, s);
            if (product > LEAST_CURVATURE) {
                if (changes.size() == history) {
                    close(changes.remove(0));
                }
                changes.add(new Change(model.own(s), model.own(y), 1 / product));
                scale = product / dot(y, y);
            }
        }
    }

    private Tensor kept(Tensor before, Tensor value) {
        return before == null ? model.own(copy(value)) : before.assign(value);
    }

    private Tensor copy(Tensor of) {
        return session.empty(type, Layout.rowMajor(of.shape())).assign(of);
    }

    private void add(Tensor to, Tensor what, double times) {
        try (Scope scope = session.scope("add")) {
            to.update(BinaryOp.ADD, what.mul(times));
        }
    }

    private double dot(Tensor a, Tensor b) {
        try (Scope scope = session.scope("dot")) {
            return a.mul(b).sum().item();
        }
    }

    private double largest(Tensor x) {
        try (Scope scope = session.scope("largest")) {
            return x.apply(UnaryOp.ABS).max(false, 0).item();
        }
    }

    private double sumOfMagnitudes(Tensor x) {
        try (Scope scope = session.scope("sum")) {
            return x.apply(UnaryOp.ABS).sum().item();
        }
    }

    private static void close(Change change) {
        change.values.close();
        change.gradient.close();
    }

    /** Clears the history, so that the next step follows the gradient; for use when the loss becomes another function. */
    public void forget() {
        session.requireOwner();
        changes.forEach(Lbfgs::close);
        changes.clear();
        if (direction != null) {
            direction.close();
            gradientBefore.close();
        }
        direction = null;
        gradientBefore = null;
        scale = 1;
        done = 0;
    }

    /** Releases the memory of the history. */
    @Override
    public void close() {
        forget();
    }
}
