package org.alborz.explain;

import org.alborz.nn.BatchTensors;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.TargetKind;
import org.alborz.nn.TargetRange;
import org.alborz.tensor.Tensor;
import org.alborz.text.Given;
import org.alborz.train.Objective;

/**
 * Trains a model on inputs that an attack has changed (Madry et al. 2018), or on both these and the inputs themselves (Goodfellow et al.
 * 2015, equation 6). Where nothing is trained, as in validation, the inputs are as they are.
 *
 * <p>Field 0 of the data is attacked, field 1 is the target. A step takes the time of one without an attack times its steps and one.
 */
public final class AdversarialObjective implements Objective {
    private final Model model;
    private final Loss loss;
    private final Attack attack;
    private final double clean;
    private final Objective base;

    /** Makes an objective that trains on changed inputs only. */
    public AdversarialObjective(Model model, Loss loss, Attack attack) {
        this(model, loss, attack, 0);
    }

    /**
     * Makes an objective.
     *
     * @param clean the part of the loss on unchanged inputs, from 0 to below 1; 0.5 in Goodfellow et al.
     */
    public AdversarialObjective(Model model, Loss loss, Attack attack, double clean) {
        if (!(clean >= 0 && clean < 1)) {
            throw new IllegalArgumentException(
                    "AdversarialObjective expects a part of unchanged inputs in [0, 1), got " + clean);
        }
        this.model = Given.value(model, "AdversarialObjective", "a model");
        this.loss = Given.value(loss, "AdversarialObjective", "a loss");
        this.attack = Given.value(attack, "AdversarialObjective", "an attack");
        this.clean = clean;
        this.base = Objective.supervised(model, loss);
    }

    @Override
    public Tensor of(BatchTensors batch, Pass pass) {
        if (!pass.isTraining()) {
            return base.of(batch, pass);
        }
        Tensor unchanged = clean == 0 ? null : base.of(batch, pass);
        Tensor target = batch.get(1);
        Tensor changed = attack.apply(model, loss, batch.get(0), target, pass.nextRandom());
        Tensor output = model.forward(changed, pass);
        batch.put(BatchTensors.OUTPUT, output);
        Objective.nameTarget(batch);
        Tensor weight = loss.weight(output, target);
        if (weight != null) {
            batch.put(BatchTensors.WEIGHT, weight);
        }
        Tensor mean = loss.of(output, target);
        return unchanged == null ? mean : mean.mul(1 - clean).add(unchanged.mul(clean));
    }

    @Override
    public Tensor output(BatchTensors batch, Pass pass) {
        return base.output(batch, pass);
    }

    @Override
    public String settings() {
        return base.settings() + " of " + attack + (clean == 0 ? "" : " and " + clean + " of unchanged inputs");
    }

    @Override
    public int classes(BatchTensors batch) {
        return base.classes(batch);
    }

    @Override
    public TargetKind targetKind() {
        return base.targetKind();
    }

    @Override
    public TargetRange targets() {
        return base.targets();
    }
}
