package org.alborz.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.tensor.Scope;
import org.alborz.tensor.Tensor;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;

/**
 * The lookahead of airbench94 (Jordan 2024, after Zhang et al. 2019): slow weights w follow those that are trained, θ. After every fifth step t of T,
 * {@code w = d·w + (1 − d)·θ} and {@code θ = w} with {@code d = 0.95⁵·(t/T)³}, so that they differ little at first; after the last step {@code θ = w}.
 * Running statistics of norms take part, as those of the paper's program do. It is done between steps, so these can be captured.
 */
final class SpeedrunLookahead implements Callback {
    static final int PERIOD = 5;

    private static final double LAST_SHARE = Math.pow(0.95, PERIOD);
    private static final int POWER = 3;

    private final Model model;
    private final long steps;

    /** The slow weights of each tensor that steps change; the model closes them. */
    private final Map<Tensor, Tensor> slow = new LinkedHashMap<>();

    /** @param steps of the whole training */
    SpeedrunLookahead(Model model, long steps) {
        this.model = model;
        this.steps = steps;
    }

    @Override
    public void onTrainBegin(Trainer trainer) {
        if (slow.isEmpty()) {
            copy(model.values());
            model.parameters().values().stream()
                    .filter(parameter -> !parameter.isTrainable())
                    .map(Parameter::value)
                    .filter(state -> state.dtype().isFloating())
                    .forEach(this::copy);
        }
    }

    private void copy(Tensor of) {
        Tensor copy = model.session().empty(of.dtype(), of.layout().compact());
        slow.put(of, model.own(copy.assign(of)).named("slow weights"));
    }

    @Override
    public void onStepEnd(Trainer trainer) {
        long step = trainer.step();
        if (step % PERIOD == 0) {
            double follows = 1 - share(step);
            try (Scope scope = model.session().scope("lookahead")) {
                slow.forEach((trained, kept) ->
                        kept.assign(kept.add(trained.sub(kept).mul(follows)))); // leaves what is frozen as it is
            }
        }
        if (step % PERIOD == 0 || step == steps) {
            slow.forEach(Tensor::assign);
        }
    }

    /** Returns the share d that the slow weights keep after a step. */
    double share(long step) {
        return LAST_SHARE * Math.pow((double) step / steps, POWER);
    }
}
