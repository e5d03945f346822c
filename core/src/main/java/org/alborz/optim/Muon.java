package org.alborz.optim;

import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Predicate;
import org.alborz.backend.AdamStep;
import org.alborz.backend.StepNumbers;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.ops.ApplyAdam;
import org.alborz.ops.Engine;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.type.Shape;

/**
 * Muon (Jordan et al. 2024): momentum whose update of a weight matrix is replaced by approximately the closest matrix with orthogonal rows
 * or columns, {@code θ −= η·√max(1, outputs / inputs)·X} with {@code X ≈ (GGᵀ)^(−½)·G}, by five Newton-Schulz iterations; and AdamW (β₁ 0.9, β₂ 0.95, ε 1e-10) for all other parameters.
 *
 * <p>Of a matrix with gradient g: {@code B = μB + g}, {@code G = g + μB} (or B without Nesterov), {@code X = G / (‖G‖ + 1e-7)}, five times
 * {@code A = XXᵀ, X = 3.4445·X + (−4.7750·A + 2.0315·A²)·X}, and {@code θ = (1 − ηλ)θ − η·√max(1, outputs / inputs)·X}. Convolution weights
 * are matrices of outputs against all other axes. Which parameters are matrices {@link #matrices} decides: embeddings and the last layer
 * learn better by AdamW, as the authors recommend.
 */
public final class Muon extends SpanOptimizer {
    private static final int ITERATIONS = 5;
    private static final double LINEAR = 3.4445;
    private static final double CUBIC = -4.7750;
    private static final double QUINTIC = 2.0315;
    private static final double LEAST_NORM = 1e-7;

    private static final double BETA1 = 0.9;
    private static final double BETA2 = 0.95;
    private static final double EPSILON = 1e-10;
    private static final double ADAM_RATE = 3e-4;

    private final double momentum;
    private final boolean nesterov;
    private final double adamRate;
    private final Predicate<Parameter> matrices;

    /** The second moments of the parameters that AdamW changes, each in the order of its {@link ParameterMatrix}. */
    private final Map<Parameter, Tensor> secondMoments = new IdentityHashMap<>();

    private final Map<Parameter, ParameterMatrix> views = new IdentityHashMap<>();

    /**
     * Makes it with momentum μ 0.95, Nesterov's variant, weight decay 0, and AdamW with a learning rate of 0.0003 for parameters of one
     * axis as defaults; a learning rate of 0.02 is usual.
     */
    public Muon(double learningRate) {
        this(CommonSettings.of("Muon", learningRate).withDecoupled(), 0.95, true, ADAM_RATE, parameter -> true);
    }

    private Muon(
            CommonSettings common, double momentum, boolean nesterov, double adamRate, Predicate<Parameter> matrices) {
        super(common, true);
        this.momentum = Checks.share("Muon", "momentum", momentum);
        this.nesterov = nesterov;
        this.adamRate = Checks.learningRate("Muon", adamRate);
        this.matrices = Given.value(matrices, "Muon", "a predicate on parameters");
        if (common.learningRate() == 0) {
            throw new IllegalArgumentException("Muon expects a learning rate above 0, got 0");
        }
    }

    /** Returns this optimizer, not yet tied to a model, with another momentum, from 0 to below 1. */
    public Muon momentum(double value) {
        return new Muon(common(), value, nesterov, adamRate, matrices);
    }

    /** Returns this optimizer, not yet tied to a model, with Nesterov's variant of the momentum, or without. */
    public Muon nesterov(boolean value) {
        return new Muon(common(), momentum, value, adamRate, matrices);
    }

    /** Returns this optimizer, not yet tied to a model, with another learning rate of AdamW; a schedule scales both. */
    public Muon adamRate(double value) {
        return new Muon(common(), momentum, nesterov, value, matrices);
    }

    /** Returns this optimizer, not yet tied to a model, where those parameters of two or more axes that a predicate holds for are matrices. */
    public Muon matrices(Predicate<Parameter> value) {
        return new Muon(common(), momentum, nesterov, adamRate, value);
    }

    /** Returns this optimizer, not yet tied to a model, with a weight decay, subtracted from the values as ηλθ. */
    public Muon weightDecay(double value) {
        return new Muon(common().weightDecay(value), momentum, nesterov, adamRate, matrices);
    }

    /**
     * Returns this optimizer, not yet tied to a model, with groups of parameters that it updates otherwise; none of them may say how it
     * decays.
     */
    public Muon groups(ParameterGroup... groups) {
        return new Muon(
                common().groups(CommonSettings.withoutKindOfDecay("Muon", groups)),
                momentum,
                nesterov,
                adamRate,
                matrices);
    }

    @Override
    public String name() {
        return "muon";
    }

    private boolean isMatrix(Parameter parameter) {
        return parameter.shape().rank() >= 2 && matrices.test(parameter);
    }

    @Override
    public void attach(Model model) {
        attachment().attach(model, "momentum");
        for (Parameter parameter : model.trainable()) {
            views.put(parameter, ParameterMatrix.of(parameter));
            if (!isMatrix(parameter)) {
                secondMoments.put(parameter, attachment().addState("second_moment." + parameter.name(), Shape.of((int)
                        parameter.shape().elements())));
            }
        }
    }

    @Override
    public void detach() {
        super.detach();
        secondMoments.clear();
        views.clear();
    }

    @Override
    StepNumbers numbers(Span span, double rate, long step) {
        return isMatrix(span)
                ? new StepNumbers(rate * scale(span), 0, 1, span.shrink(rate))
                : adam(span, rate, step).numbers();
    }

    private AdamStep.Parameters adam(Span span, double rate, long step) {
        return AdamStep.Parameters.of(
                rate * adamRate / common().learningRate(), BETA1, BETA2, EPSILON, span.weightDecay(), true, step);
    }

    private boolean isMatrix(Span span) {
        return !secondMoments.containsKey(span.parameters().get(0));
    }

    private double scale(Span span) {
        ParameterMatrix matrix = views.get(span.parameters().get(0));
        return Math.sqrt(Math.max(1, (double) matrix.outputs() / matrix.inputs()));
    }

    @Override
    Object kind(Span span) {
        return isMatrix(span) ? scale(span) : "AdamW";
    }

    @Override
    boolean multiplies() {
        return true;
    }

    @Override
    void apply(Span span, double rate, long step, SpanNumbers inMemory) {
        if (span.parameters().get(0).shape().elements() == 0) {
            return;
        }
        try (Scope scope = span.values().session().scope("Muon")) {
            if (isMatrix(span)) {
                muon(span, inMemory == null ? SpanNumbers.of(numbers(span, rate, step)) : inMemory);
            } else {
                applyAdam(span, adam(span, rate, step), SpanNumbers.memory(inMemory));
            }
        }
    }

    private void applyAdam(Span span, AdamStep.Parameters p, Tensor numbers) {
        Parameter parameter = span.parameters().get(0);
        ParameterMatrix matrix = views.get(parameter);
        Tensor secondMoment = secondMoments.get(parameter);
        int n = secondMoment.shape().size(0);
        Tensor stored = matrix.inOrderOfMemory(secondMoment);
        Engine.applyAll(
                new ApplyAdam(p),
                0,
                span.values().narrow(0, 0, n),
                span.gradients().narrow(0, 0, n),
                span.states().get(0).narrow(0, 0, n),
                stored,
                numbers,
                null);
        if (stored != secondMoment) {
            secondMoment.assign(matrix.view(stored).reshape(n));
        }
    }

    private void muon(Span span, SpanNumbers numbers) {
        ParameterMatrix matrix = views.get(span.parameters().get(0));
        Tensor velocity = span.states().get(0);
        Tensor gradient = span.gradients().to(velocity.dtype());
        velocity.assign(numbers.unlessNone(velocity.mul(momentum).add(gradient), velocity));
        Tensor direction = nesterov ? gradient.add(velocity.mul(momentum)) : velocity;
        Tensor x = orthogonalized(matrix.view(direction));
        Tensor value = matrix.view(span.values());
        Tensor theta = value.to(velocity.dtype());
        Tensor kept = span.weightDecay() == 0 ? theta : numbers.times(theta, StepNumbers.SHRINK);
        value.assign(numbers.unlessNone(kept.sub(numbers.times(x, StepNumbers.RATE)), theta));
    }

    /**
     * Returns nearly the closest matrix whose rows, or columns where these are fewer, are orthogonal and of length 1: its singular values
     * are from about 0.7 to 1.2.
     */
    static Tensor orthogonalized(Tensor matrix) {
        boolean tall = matrix.shape().size(0) > matrix.shape().size(1);
        Tensor x = tall ? matrix.transpose(0, 1) : matrix;
        Tensor norm = x.square().sum().sqrt().add(LEAST_NORM);
        x = x.div(norm.expand(x.shape()));
        for (int i = 0; i < ITERATIONS; i++) {
            Tensor a = x.matmul(x.transpose(0, 1));
            Tensor polynomial = a.mul(CUBIC).add(a.matmul(a).mul(QUINTIC));
            x = x.mul(LINEAR).add(polynomial.matmul(x));
        }
        return tall ? x.transpose(0, 1) : x;
    }

    @Override
    public String settings() {
        StringBuilder words = new StringBuilder("momentum=" + momentum + " nesterov=" + nesterov + " adam_rate="
                + adamRate + " " + common().words(attachment()));
        if (model() != null) {
            words.append(" matrices(");
            model().trainable().stream()
                    .filter(this::isMatrix)
                    .forEach(parameter -> words.append(' ').append(parameter.name()));
            words.append(')');
        }
        return words.toString();
    }
}
