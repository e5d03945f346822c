package org.alborz.optim;

import java.util.List;
import org.alborz.backend.StepNumbers;
import org.alborz.tensor.Tensor;

/** The steps of an optimizer that updates span by span, each by the same rule; also with numbers in memory, for captured graphs. */
final class SpanSteps {
    private final String owner;
    private final Attachment attachment;
    private final Update update;

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
        void apply(Span span, double rate, long step, Tensor numbers);
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

    /** As {@link CapturableOptimizer#stepNumbers}: those of the spans, one behind the other. */
    double[] numbers(double rate, long step) {
        List<Span> spans = spans(rate, step);
        double[] numbers = new double[StepNumbers.COUNT * spans.size()];
        for (int i = 0; i < spans.size(); i++) {
            Span span = spans.get(i);
            update.numbers(span, rate * span.rateFactor(), step).put(numbers, StepNumbers.COUNT * i);
        }
        return numbers;
    }

    /** As {@link CapturableOptimizer#skippingNumbers}. */
    double[] skippingNumbers() {
        double[] numbers = new double[StepNumbers.COUNT * attachment.spans().size()];
        for (int at = 0; at < numbers.length; at += StepNumbers.COUNT) {
            StepNumbers.NONE.put(numbers, at);
        }
        return numbers;
    }

    /** As {@link CapturableOptimizer#step(Tensor)}. */
    void step(Tensor numbers) {
        List<Span> spans = attachment.spans();
        for (int i = 0; i < spans.size(); i++) {
            spans.get(i).addPenalty();
            update.apply(spans.get(i), 0, 1, numbers.narrow(0, StepNumbers.COUNT * i, StepNumbers.COUNT));
        }
    }

    private List<Span> spans(double rate, long step) {
        List<Span> spans = attachment.spans();
        Checks.learningRate(owner, rate);
        Checks.step(owner, step);
        return spans;
    }
}
