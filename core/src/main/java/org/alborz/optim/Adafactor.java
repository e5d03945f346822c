package org.alborz.optim;

import java.util.IdentityHashMap;
import java.util.Map;
import org.alborz.backend.StepNumbers;
import org.alborz.backend.UnaryOp;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.DType;
import org.alborz.type.Shape;

/**
 * Adafactor (Shazeer and Stern 2018), which keeps for a matrix the averages R and C of its rows' and columns' squared gradients only, n + m numbers
 * for n·m parameters: {@code θ −= α·g / √(R·C / mean(R))} but for clipping and decay. Weights of more axes are matrices of outputs against all others; biases and other vectors keep an average for each
 * number.
 *
 * <p>With {@code t} the step, {@code β₂ = 1 − t^−decayRate} and {@code G² = g² + ε₁}: {@code R = β₂R + (1−β₂)·rowMean(G²)},
 * {@code C = β₂C + (1−β₂)·columnMean(G²)}, {@code U = g / √(R·C / mean(R))}, {@code U = U / max(1, rms(U) / d)}, and
 * {@code θ = θ − α·(U + λθ)}, where {@code α = η·max(ε₂, rms(θ))}, and in relative steps η times {@code min(0.01, 1/√t)}.
 */
public final class Adafactor extends SpanOptimizer {
    private static final double MOST_RELATIVE_STEP = 1e-2;

    /** What is averaged for a parameter: rows and columns of a matrix, or else all, with no columns. */
    private record Averages(ParameterMatrix matrix, Tensor rows, Tensor columns) {}

    /** The settings of Adafactor only. */
    private record Settings(
            boolean relativeStep,
            boolean scaledByParameter,
            double momentum,
            double clippingThreshold,
            double decayRate,
            double epsilon1,
            double epsilon2) {}

    private final Settings settings;
    private final Map<Parameter, Averages> averages = new IdentityHashMap<>();

    /**
     * Makes it with relative steps, so that it needs no learning rate: the {@link #learningRate} is 1, and a schedule scales the steps.
     * Otherwise as {@link #Adafactor(double)}.
     */
    public Adafactor() {
        this(CommonSettings.of("Adafactor", 1).withDecoupled(), new Settings(true, true, 0, 1, 0.8, 1e-30, 1e-3));
    }

    /**
     * Makes it with a learning rate in proportion to the root mean square of each parameter, momentum 0, clipping threshold d 1, decay rate
     * 0.8, ε₁ 1e-30, ε₂ 1e-3 and weight decay 0 as defaults.
     */
    public Adafactor(double learningRate) {
        this(
                CommonSettings.of("Adafactor", learningRate).withDecoupled(),
                new Settings(false, true, 0, 1, 0.8, 1e-30, 1e-3));
    }

    private Adafactor(CommonSettings common, Settings settings) {
        super(common, true);
        this.settings = settings;
        Checks.share("Adafactor", "momentum", settings.momentum);
        Checks.positive("Adafactor", "clipping threshold", settings.clippingThreshold);
        Checks.positive("Adafactor", "decay rate", settings.decayRate);
        Checks.epsilon("Adafactor", settings.epsilon1);
        Checks.atLeastZero("Adafactor", "epsilon2", settings.epsilon2);
    }

    private Adafactor with(
            boolean scaled, double momentum, double threshold, double decayRate, double epsilon1, double epsilon2) {
        return new Adafactor(
                common(),
                new Settings(settings.relativeStep, scaled, momentum, threshold, decayRate, epsilon1, epsilon2));
    }

    /** Returns this optimizer, not yet tied to a model, with steps in proportion to a parameter's root mean square, or not. */
    public Adafactor scaledByParameter(boolean value) {
        Settings s = settings;
        return with(value, s.momentum, s.clippingThreshold, s.decayRate, s.epsilon1, s.epsilon2);
    }

    /** Returns this optimizer, not yet tied to a model, with an average of the changes, which keeps a share from 0 to below 1 at a step. */
    public Adafactor momentum(double value) {
        Settings s = settings;
        return with(s.scaledByParameter, value, s.clippingThreshold, s.decayRate, s.epsilon1, s.epsilon2);
    }

    /** Returns this optimizer, not yet tied to a model, with another most root mean square d of a change before it is scaled, above 0. */
    public Adafactor clippingThreshold(double value) {
        Settings s = settings;
        return with(s.scaledByParameter, s.momentum, value, s.decayRate, s.epsilon1, s.epsilon2);
    }

    /** Returns this optimizer, not yet tied to a model, with another exponent of the share {@code 1 − t^−x} that averages keep, above 0. */
    public Adafactor decayRate(double value) {
        Settings s = settings;
        return with(s.scaledByParameter, s.momentum, s.clippingThreshold, value, s.epsilon1, s.epsilon2);
    }

    /**
     * Returns this optimizer, not yet tied to a model, with other least numbers.
     *
     * @param ofSquares ε₁, above 0
     * @param ofParameters ε₂, at least 0
     */
    public Adafactor epsilons(double ofSquares, double ofParameters) {
        Settings s = settings;
        return with(s.scaledByParameter, s.momentum, s.clippingThreshold, s.decayRate, ofSquares, ofParameters);
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, subtracted from the values as αλθ. */
    public Adafactor weightDecay(double value) {
        return new Adafactor(common().weightDecay(value), settings);
    }

    /**
     * Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise; none of them may say how it
     * decays.
     */
    public Adafactor groups(ParameterGroup... groups) {
        return new Adafactor(common().groups(CommonSettings.withoutKindOfDecay("Adafactor", groups)), settings);
    }

    @Override
    public String name() {
        return "adafactor";
    }

    @Override
    public void attach(Model model) {
        Given.value(model, "An optimizer", "a model");
        DType type = model.values().dtype().accumulator();
        Checks.requireIn(type, "Adafactor", "epsilon1", settings.epsilon1);
        Checks.requireIn(type, "Adafactor", "epsilon2", settings.epsilon2);
        attachment().attach(model, settings.momentum > 0 ? new String[] {"average_change"} : new String[0]);
        for (Parameter parameter : model.trainable()) {
            averages.put(parameter, averagesOf(parameter));
        }
    }

    private Averages averagesOf(Parameter parameter) {
        String name = "." + parameter.name();
        ParameterMatrix matrix = ParameterMatrix.of(parameter);
        if (parameter.shape().rank() < 2) {
            Shape shape = Shape.of(matrix.rows(), matrix.columns());
            return new Averages(matrix, attachment().addState("second_moment" + name, shape), null);
        }
        return new Averages(
                matrix,
                attachment().addState("row_average" + name, Shape.of(matrix.rows(), 1)),
                attachment().addState("column_average" + name, Shape.of(1, matrix.columns())));
    }

    @Override
    public void detach() {
        super.detach();
        averages.clear();
    }

    /** Returns numbers of which averages keep the correction, and take the gradient's rate of what is new. */
    @Override
    StepNumbers numbers(Span span, double rate, long step) {
        double relative = settings.relativeStep ? Math.min(MOST_RELATIVE_STEP, 1 / Math.sqrt(step)) : 1;
        double share = 1 - Math.pow(step, -settings.decayRate);
        return new StepNumbers(rate * relative, 1 - share, share, 1);
    }

    @Override
    boolean multiplies() {
        return true;
    }

    @Override
    void apply(Span span, double rate, long step, SpanNumbers inMemory) {
        if (span.parameters().get(0).shape().elements() > 0) {
            update(span, inMemory == null ? SpanNumbers.of(numbers(span, rate, step)) : inMemory);
        }
    }

    private void update(Span span, SpanNumbers numbers) {
        try (Scope scope = span.values().session().scope("Adafactor")) {
            Averages kept = averages.get(span.parameters().get(0));
            DType type = kept.rows.dtype();
            Tensor value = kept.matrix.view(span.values());
            Tensor theta = value.to(type);
            Tensor change = direction(kept, kept.matrix.view(span.gradients()).to(type), numbers);
            if (settings.momentum > 0) {
                Tensor average = kept.matrix.view(span.states().get(0));
                Tensor next = average.mul(settings.momentum).add(change.mul(1 - settings.momentum));
                change = average.assign(numbers.unlessNone(next, average));
            }
            if (span.weightDecay() != 0) {
                change = change.add(theta.mul(span.weightDecay()));
            }
            Tensor scaled = numbers.times(change, StepNumbers.RATE);
            if (settings.scaledByParameter) {
                Tensor size = rootMeanSquare(theta).apply(UnaryOp.MAXIMUM, settings.epsilon2);
                scaled = scaled.mul(size.expand(theta.shape()));
            }
            value.assign(numbers.unlessNone(theta.sub(scaled), theta));
        }
    }

    /** Takes a gradient into the averages and returns the change before it is scaled. */
    private Tensor direction(Averages kept, Tensor g, SpanNumbers numbers) {
        Tensor squares = g.square().add(settings.epsilon1);
        Tensor u;
        if (kept.columns == null) {
            average(kept.rows, numbers, squares);
            u = g.div(kept.rows.sqrt());
        } else {
            average(kept.rows, numbers, squares.mean(true, 1));
            average(kept.columns, numbers, squares.mean(true, 0));
            Tensor mean = kept.rows.mean(true, 0, 1);
            u = g.div(kept.rows.div(mean.expand(kept.rows.shape())).sqrt().expand(g.shape()))
                    .div(kept.columns.sqrt().expand(g.shape()));
        }
        Tensor excess = rootMeanSquare(u).mul(1 / settings.clippingThreshold).apply(UnaryOp.MAXIMUM, 1);
        return u.div(excess.expand(u.shape()));
    }

    private static Tensor rootMeanSquare(Tensor x) {
        return x.square().mean().sqrt();
    }

    private static void average(Tensor state, SpanNumbers numbers, Tensor of) {
        Tensor next = numbers.times(state, StepNumbers.CORRECTION).add(numbers.times(of, StepNumbers.GRADIENT_RATE));
        state.assign(numbers.unlessNone(next, state));
    }

    @Override
    public String settings() {
        return "relative_step=" + settings.relativeStep + " scaled_by_parameter=" + settings.scaledByParameter
                + " momentum=" + settings.momentum + " clipping_threshold=" + settings.clippingThreshold
                + " decay_rate=" + settings.decayRate + " epsilon1=" + settings.epsilon1 + " epsilon2="
                + settings.epsilon2 + " " + common().words(attachment());
    }
}
