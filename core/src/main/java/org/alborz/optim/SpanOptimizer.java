package org.alborz.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alborz.backend.StepNumbers;
import org.alborz.nn.Model;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/**
 * An optimizer that updates span by span; also with numbers in memory, for captured graphs. Spans of equal settings read the same
 * numbers, so that these are few.
 */
abstract class SpanOptimizer implements CapturableOptimizer {
    private final CommonSettings common;
    private final Attachment attachment;

    /** The first span of each row of numbers, and the row that each span reads; made for the model's {@link Model#freezes}. */
    private final List<Span> firsts = new ArrayList<>();

    /** Null until it is made. */
    private int[] rows;

    private long freezes;

    /** Spans of equal settings. */
    private record Kind(double rateFactor, double weightDecay, boolean decoupled, Object own) {}

    /** @param separate whether each parameter is to have a span of its own */
    SpanOptimizer(CommonSettings common, boolean separate) {
        this.common = common;
        this.attachment = common.attachment(separate);
    }

    /**
     * Returns the numbers of a step.
     *
     * @param rate the learning rate of the span
     */
    abstract StepNumbers numbers(Span span, double rate, long step);

    /**
     * Updates the span.
     *
     * @param numbers those of the step in memory, which take the place of what would follow from {@code rate} and {@code step}; or null
     */
    abstract void apply(Span span, double rate, long step, SpanNumbers numbers);

    /** Returns what else the numbers of a span depend on, equal for spans that may read the same ones. */
    Object kind(Span span) {
        return "";
    }

    /** Tells whether it computes by {@link SpanNumbers#times}. */
    boolean multiplies() {
        return false;
    }

    final CommonSettings common() {
        return common;
    }

    final Attachment attachment() {
        return attachment;
    }

    @Override
    public final double learningRate() {
        return common.learningRate();
    }

    @Override
    public final Model model() {
        return attachment.model();
    }

    @Override
    public void detach() {
        attachment.detach();
        firsts.clear();
        rows = null;
    }

    @Override
    public final void step(double rate, long step) {
        List<Span> spans = spans(rate, step);
        for (int i = 0; i < spans.size(); i++) {
            Span span = spans.get(i);
            span.addPenalty();
            apply(span, rate * span.rateFactor(), step, null);
        }
    }

    /** Returns rows of numbers, one behind the other. */
    @Override
    public final double[] stepNumbers(double rate, long step) {
        assignRows(spans(rate, step));
        double[] numbers = new double[StepNumbers.COUNT * firsts.size()];
        for (int i = 0; i < firsts.size(); i++) {
            Span span = firsts.get(i);
            numbers(span, rate * span.rateFactor(), step).put(numbers, StepNumbers.COUNT * i);
        }
        return numbers;
    }

    @Override
    public final Optional<double[]> skippingNumbers() {
        assignRows(attachment.spans());
        double[] numbers = new double[StepNumbers.COUNT * firsts.size()];
        for (int at = 0; at < numbers.length; at += StepNumbers.COUNT) {
            StepNumbers.NONE.put(numbers, at);
        }
        return Optional.of(numbers);
    }

    @Override
    public final void step(Tensor numbers) {
        List<Span> spans = attachment.spans();
        assignRows(spans);
        boolean skips = model().lossScaler() != null;
        try (Scope scope = numbers.session().scope("optimizer")) {
            Tensor read = multiplies() ? numbers.to(model().values().dtype().accumulator()) : null;
            for (int i = 0; i < spans.size(); i++) {
                Span span = spans.get(i);
                span.addPenalty();
                apply(span, 0, 1, new SpanNumbers(null, row(numbers, i), row(read, i), skips));
            }
        }
    }

    /** Returns the part of the numbers that a span reads. */
    private Tensor row(Tensor numbers, int span) {
        return numbers == null ? null : numbers.narrow(0, StepNumbers.COUNT * rows[span], StepNumbers.COUNT);
    }

    private void assignRows(List<Span> spans) {
        if (rows != null && freezes == model().freezes()) {
            return;
        }
        freezes = model().freezes();
        firsts.clear();
        rows = new int[spans.size()];
        Map<Kind, Integer> known = new LinkedHashMap<>();
        for (int i = 0; i < rows.length; i++) {
            Span span = spans.get(i);
            Kind kind = new Kind(span.rateFactor(), span.weightDecay(), span.decoupled(), kind(span));
            rows[i] = known.computeIfAbsent(kind, added -> firsts.size());
            if (rows[i] == firsts.size()) {
                firsts.add(span);
            }
        }
    }

    private List<Span> spans(double rate, long step) {
        List<Span> spans = attachment.spans();
        Checks.learningRate(common.owner(), rate);
        Checks.step(common.owner(), step);
        return spans;
    }

    @Override
    public Map<String, Tensor> state() {
        return attachment.states();
    }

    @Override
    public final Map<String, Tensor> parameterState() {
        return attachment.parameterStates();
    }
}
