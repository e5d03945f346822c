package org.alborz.optim;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongToDoubleFunction;
import org.alborz.backend.StepNumbers;
import org.alborz.backend.UpdateRule;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.ops.ApplyUpdate;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * Lookahead (Zhang et al. 2019) around any optimizer: slow weights follow those that the optimizer changes. After each k of its steps
 * {@code slow = slow + α·(θ − slow)} and {@code θ = slow}; the optimizer's own state stays.
 */
public final class LookaheadOptimizer implements CapturableOptimizer {
    private static final String SLOW = "slow_weights";

    /** The numbers by which slow weights become the weights. */
    private static final StepNumbers FIRST = new StepNumbers(1, 0, 1, 1);

    private final Optimizer inner;
    private final LongToDoubleFunction shares;
    private final String words;
    private final boolean withStatistics;
    private final Attachment attachment = new Attachment("Lookahead", 0, List.of());

    /** The running statistics that take part, each with its slow one. */
    private final Map<Tensor, Tensor> statistics = new LinkedHashMap<>();

    /** The {@link Tensor#version} of the slow weights that {@link #attach} made, which they have until the first step. */
    private int made;

    /** Wraps an optimizer that is attached to no model, with k 5 and α 0.5. */
    public LookaheadOptimizer(Optimizer inner) {
        this(inner, 5, 0.5);
    }

    /**
     * Wraps an optimizer that is attached to no model.
     *
     * @param period k, the number of steps after which the slow weights follow, at least 1
     * @param share α, how far they follow, above 0 and at most 1
     */
    public LookaheadOptimizer(Optimizer inner, int period, double share) {
        this(
                inner,
                every((int) Checks.steps("Lookahead", period), share),
                "period=" + period + " share=" + share,
                false);
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("Lookahead expects a share above 0 and at most 1, got " + share);
        }
    }

    /**
     * Wraps an optimizer that is attached to no model, with an α that depends on the step.
     *
     * @param shares gives α, from 0 to 1, for a step counted from 1 after which the slow weights follow and take the place of the weights, and NaN for one
     *     after which neither changes
     */
    public LookaheadOptimizer(Optimizer inner, LongToDoubleFunction shares) {
        this(inner, Given.value(shares, "Lookahead", "shares of the steps"), "shares=given", false);
    }

    private LookaheadOptimizer(Optimizer inner, LongToDoubleFunction shares, String words, boolean withStatistics) {
        this.inner = Given.value(inner, "Lookahead", "an optimizer");
        if (inner instanceof LookaheadOptimizer) {
            throw new IllegalArgumentException(
                    "Lookahead expects an optimizer that is no Lookahead itself, got one; wrap what that wraps");
        }
        this.shares = shares;
        this.words = words;
        this.withStatistics = withStatistics;
    }

    private static LongToDoubleFunction every(int period, double share) {
        return step -> step % period == 0 ? share : Double.NaN;
    }

    /**
     * Returns this optimizer, not yet tied to a model, with running statistics, such as those of batch norms, that follow as the weights do. Their slow ones begin
     * as the statistics are at its first step, as the slow weights do.
     */
    public LookaheadOptimizer withStatistics() {
        return new LookaheadOptimizer(inner, shares, words + " statistics=true", true);
    }

    @Override
    public String name() {
        return "lookahead";
    }

    @Override
    public double learningRate() {
        return inner.learningRate();
    }

    @Override
    public void attach(Model model) {
        inner.attach(model);
        try {
            attachment.attach(model, SLOW);
            made = slow().assign(model.values()).version();
            if (withStatistics) {
                model.parameters().values().stream()
                        .filter(parameter -> !parameter.isTrainable())
                        .filter(parameter -> parameter.value().dtype().isFloating())
                        .forEach(this::follow);
            }
        } catch (RuntimeException | Error e) {
            detach();
            throw e;
        }
    }

    private void follow(Parameter statistic) {
        Tensor slow = attachment.addState("slow." + statistic.name(), statistic.shape());
        statistics.put(statistic.value(), slow.assign(statistic.value()));
    }

    private Tensor slow() {
        return attachment.states().get(SLOW);
    }

    @Override
    public Model model() {
        return inner.model();
    }

    @Override
    public void detach() {
        inner.detach();
        attachment.detach();
        statistics.clear();
    }

    @Override
    public void step(double rate, long step) {
        StepNumbers begin = begin(step);
        StepNumbers follow = follow(step);
        if (!begin.isNone()) {
            begin(begin, null);
        }
        inner.step(rate, step);
        if (!follow.isNone()) {
            follow(follow, null);
        }
        StepNumbers ofStatistics = ofStatistics(step);
        if (!ofStatistics.isNone()) {
            moveStatistics(ofStatistics, null);
        }
    }

    /**
     * Puts the slow weights in the place of the weights, and slow statistics in the place of those that take part, as is usual after the last step. Weights that
     * are not finite are replaced as well; frozen parameters stay as they are. Before the first step, unless slow weights were restored, there are none yet, and nothing changes.
     *
     * @throws IllegalStateException when the optimizer serves no model
     */
    public void useSlowWeights() {
        List<Span> spans = attachment.spans();
        if (slow().version() != made) {
            spans.forEach(span -> span.values().assign(span.states().get(0)));
            statistics.forEach(Tensor::assign);
        }
    }

    /** Returns the numbers by which the slow weights begin: before the first step, since weights may have been loaded since it was tied to the model. */
    private static StepNumbers begin(long step) {
        return step == 1 ? FIRST : StepNumbers.NONE;
    }

    /** Returns those by which the slow weights follow after a step. */
    private StepNumbers follow(long step) {
        double share = shares.applyAsDouble(step);
        if (share < 0 || share > 1) {
            throw new IllegalArgumentException(
                    "Lookahead expects a share from 0 to 1, or NaN, after step " + step + ", got " + share);
        }
        return Double.isNaN(share) ? StepNumbers.NONE : new StepNumbers(share, 0, 1, 1);
    }

    /** Returns those of the statistics, which the step of the other optimizer does not change: where they begin they are the slow ones. */
    private StepNumbers ofStatistics(long step) {
        StepNumbers begin = begin(step);
        return begin.isNone() ? follow(step) : begin;
    }

    /**
     * Takes all weights, those of frozen parameters as well, which may learn later, as the slow ones.
     *
     * @param inMemory numbers that take the place of the known ones, or null
     */
    private void begin(StepNumbers known, Tensor inMemory) {
        move(attachment.requireModel().values(), slow(), known, inMemory);
    }

    /** Has the slow weights follow those of parameters that are not frozen. */
    private void follow(StepNumbers known, Tensor inMemory) {
        List<Span> spans = attachment.spans();
        for (int i = 0; i < spans.size(); i++) {
            Span span = spans.get(i);
            move(span.values(), span.states().get(0), known, inMemory);
        }
    }

    private void moveStatistics(StepNumbers known, Tensor inMemory) {
        statistics.forEach((statistic, slow) -> move(statistic, slow, known, inMemory));
    }

    private static void move(Tensor values, Tensor slow, StepNumbers known, Tensor inMemory) {
        ApplyUpdate.withoutGradient(UpdateRule.LOOKAHEAD, known, values, slow, inMemory);
    }

    @Override
    public boolean isCapturable() {
        return inner instanceof CapturableOptimizer capturable && capturable.isCapturable();
    }

    @Override
    public double[] stepNumbers(double rate, long step) {
        return with(
                ((CapturableOptimizer) inner).stepNumbers(rate, step), begin(step), follow(step), ofStatistics(step));
    }

    @Override
    public Optional<double[]> skippingNumbers() {
        return ((CapturableOptimizer) inner)
                .skippingNumbers()
                .map(own -> with(own, StepNumbers.NONE, StepNumbers.NONE, StepNumbers.NONE));
    }

    /** Returns numbers with those behind them by which the slow weights begin and follow, and those of the statistics where there are any. */
    private double[] with(double[] own, StepNumbers begin, StepNumbers follow, StepNumbers ofStatistics) {
        double[] all = Arrays.copyOf(own, own.length + rows() * StepNumbers.COUNT);
        begin.put(all, own.length);
        follow.put(all, own.length + StepNumbers.COUNT);
        if (!statistics.isEmpty()) {
            ofStatistics.put(all, own.length + 2 * StepNumbers.COUNT);
        }
        return all;
    }

    private int rows() {
        return statistics.isEmpty() ? 2 : 3;
    }

    @Override
    public void step(Tensor numbers) {
        int own = numbers.shape().size(0) - rows() * StepNumbers.COUNT;
        try (Scope scope = numbers.session().scope("lookahead")) {
            begin(StepNumbers.NONE, row(numbers, own, 0));
            ((CapturableOptimizer) inner).step(numbers.narrow(0, 0, own));
            follow(StepNumbers.NONE, row(numbers, own, 1));
            if (!statistics.isEmpty()) {
                moveStatistics(StepNumbers.NONE, row(numbers, own, 2));
            }
        }
    }

    private static Tensor row(Tensor numbers, int from, int row) {
        return numbers.narrow(0, from + row * StepNumbers.COUNT, StepNumbers.COUNT);
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> all = new LinkedHashMap<>(inner.state());
        all.putAll(attachment.states());
        return Collections.unmodifiableMap(all);
    }

    @Override
    public Map<String, Tensor> parameterState() {
        Map<String, Tensor> all = new LinkedHashMap<>(inner.parameterState());
        all.putAll(attachment.parameterStates());
        return Collections.unmodifiableMap(all);
    }

    @Override
    public String settings() {
        return words + " around " + inner.name() + " " + inner.settings();
    }
}
