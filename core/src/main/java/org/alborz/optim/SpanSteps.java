package org.alborz.optim;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.backend.StepNumbers;
import org.alborz.nn.Model;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;

/**
 * The steps of an optimizer that updates span by span; also with numbers in memory, for captured graphs. Spans of equal settings read the same
 * numbers, so that these are few.
 */
final class SpanSteps {
    private final String owner;
    private final Attachment attachment;
    private final Update update;

    /** The first span of each row of numbers, and the row that each span reads; made for a model and its {@link Model#freezes}. */
    private final List<Span> firsts = new ArrayList<>();

    private int[] rows = {};
    private Model model;
    private long freezes;

    /** Spans of equal settings. */
    private record Kind(double rateFactor, double weightDecay, boolean decoupled, Object own) {}

    /** What is done to a span. */
    interface Update {
        /**
         * Returns the numbers of a step.
         *
         * @param rate the learning rate of the span
         */
        StepNumbers numbers(Span span, double rate, long step);

        /**
         * Updates the span.
         *
         * @param numbers those of the step in memory, which take the place of what would follow from {@code rate} and {@code step}; or null
         */
        void apply(Span span, double rate, long step, SpanNumbers numbers);

        /** Returns what else the numbers of a span depend on, equal for spans that may read the same ones. */
        default Object kind(Span span) {
            return "";
        }

        /** Tells whether it computes by {@link SpanNumbers#times}. */
        default boolean multiplies() {
            return false;
        }
    }

    SpanSteps(String owner, Attachment attachment, Update update) {
        this.owner = owner;
        this.attachment = attachment;
        this.update = update;
    }

    /** As {@link Optimizer#step(double, long)}. */
    void step(double rate, long step) {
        List<Span> spans = spans(rate, step);
        for (int i = 0; i < spans.size(); i++) {
            Span span = spans.get(i);
            span.addPenalty();
            update.apply(span, rate * span.rateFactor(), step, null);
        }
    }

    /** As {@link CapturableOptimizer#stepNumbers}: rows of numbers, one behind the other. */
    double[] numbers(double rate, long step) {
        assignRows(spans(rate, step));
        double[] numbers = new double[StepNumbers.COUNT * firsts.size()];
        for (int i = 0; i < firsts.size(); i++) {
            Span span = firsts.get(i);
            update.numbers(span, rate * span.rateFactor(), step).put(numbers, StepNumbers.COUNT * i);
        }
        return numbers;
    }

    /** As {@link CapturableOptimizer#skippingNumbers}. */
    double[] skippingNumbers() {
        assignRows(attachment.spans());
        double[] numbers = new double[StepNumbers.COUNT * firsts.size()];
        for (int at = 0; at < numbers.length; at += StepNumbers.COUNT) {
            StepNumbers.NONE.put(numbers, at);
        }
        return numbers;
    }

    /** As {@link CapturableOptimizer#step(Tensor)}. */
    void step(Tensor numbers) {
        List<Span> spans = attachment.spans();
        assignRows(spans);
        boolean skips = attachment.model().lossScaler() != null;
        try (Scope scope = numbers.session().scope("optimizer")) {
            Tensor read = update.multiplies()
                    ? numbers.to(attachment.model().values().dtype().accumulator())
                    : null;
            for (int i = 0; i < spans.size(); i++) {
                Span span = spans.get(i);
                span.addPenalty();
                update.apply(span, 0, 1, new SpanNumbers(null, row(numbers, i), row(read, i), skips));
            }
        }
    }

    /** Returns the part of the numbers that a span reads. */
    private Tensor row(Tensor numbers, int span) {
        return numbers == null ? null : numbers.narrow(0, StepNumbers.COUNT * rows[span], StepNumbers.COUNT);
    }

    private void assignRows(List<Span> spans) {
        if (model == attachment.model() && freezes == model.freezes()) {
            return;
        }
        model = attachment.model();
        freezes = model.freezes();
        firsts.clear();
        rows = new int[spans.size()];
        Map<Kind, Integer> known = new LinkedHashMap<>();
        for (int i = 0; i < rows.length; i++) {
            Span span = spans.get(i);
            Kind kind = new Kind(span.rateFactor(), span.weightDecay(), span.decoupled(), update.kind(span));
            rows[i] = known.computeIfAbsent(kind, added -> firsts.size());
            if (rows[i] == firsts.size()) {
                firsts.add(span);
            }
        }
    }

    private List<Span> spans(double rate, long step) {
        List<Span> spans = attachment.spans();
        Checks.learningRate(owner, rate);
        Checks.step(owner, step);
        return spans;
    }
}
