package org.alborz.optim;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.nn.Model;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;

/**
 * Lookahead (Zhang et al. 2019) around any optimizer: slow weights follow those that the optimizer changes. After each k of its steps
 * {@code slow = slow + α·(θ − slow)} and {@code θ = slow}; the optimizer's own state stays.
 */
public final class LookaheadOptimizer implements Optimizer {
    private static final String SLOW = "slow_weights";

    private final Optimizer inner;
    private final int period;
    private final double share;
    private final Attachment attachment = new Attachment("Lookahead", 0, List.of());

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
        this.inner = Given.value(inner, "Lookahead", "an optimizer");
        if (inner instanceof LookaheadOptimizer) {
            throw new IllegalArgumentException(
                    "Lookahead expects an optimizer that is no Lookahead itself, got one; wrap what that wraps");
        }
        this.period = (int) Checks.steps("Lookahead", period);
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("Lookahead expects a share above 0 and at most 1, got " + share);
        }
        this.share = share;
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
            attachment.states().get(SLOW).assign(model.values());
        } catch (RuntimeException | Error e) {
            inner.detach();
            throw e;
        }
    }

    @Override
    public Model model() {
        return inner.model();
    }

    @Override
    public void detach() {
        inner.detach();
        attachment.detach();
    }

    @Override
    public void step(double rate, long step) {
        List<Span> spans = attachment.spans();
        if (step == 1) { // the weights may have been loaded since it was tied to the model
            spans.forEach(span -> span.states().get(0).assign(span.values()));
        }
        inner.step(rate, step);
        if (step % period == 0) {
            for (int i = 0; i < spans.size(); i++) {
                follow(spans.get(i));
            }
        }
    }

    private void follow(Span span) {
        Tensor slow = span.states().get(0);
        try (Scope scope = slow.session().scope("lookahead")) {
            Tensor way = span.values().to(slow.dtype()).sub(slow);
            slow.assign(slow.add(way.mul(share)));
            span.values().assign(slow);
        }
    }

    @Override
    public Map<String, Tensor> state() {
        Map<String, Tensor> all = new LinkedHashMap<>(inner.state());
        all.putAll(attachment.states());
        return Collections.unmodifiableMap(all);
    }

    @Override
    public Map<String, Tensor> parameterState() {
        return inner.parameterState();
    }

    @Override
    public String settings() {
        return "period=" + period + " share=" + share + " around " + inner.name() + " " + inner.settings();
    }
}
