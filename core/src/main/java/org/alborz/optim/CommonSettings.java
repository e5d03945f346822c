package org.alborz.optim;

import java.util.List;

/**
 * The settings that every optimizer has.
 *
 * @param owner the optimizer's name in messages
 * @param decoupled whether the weight decay is subtracted from the values as ηλθ; otherwise it is added to the gradient as λθ
 */
record CommonSettings(
        String owner, double learningRate, double weightDecay, boolean decoupled, List<ParameterGroup> groups) {
    CommonSettings {
        Checks.learningRate(owner, learningRate);
        Checks.weightDecay(owner, weightDecay);
    }

    static CommonSettings of(String owner, double learningRate) {
        return new CommonSettings(owner, learningRate, 0, false, List.of());
    }

    CommonSettings weightDecay(double value) {
        return new CommonSettings(owner, learningRate, value, decoupled, groups);
    }

    /** Returns these settings with a decoupled weight decay. */
    CommonSettings withDecoupled() {
        return new CommonSettings(owner, learningRate, weightDecay, true, groups);
    }

    CommonSettings groups(ParameterGroup... others) {
        return new CommonSettings(owner, learningRate, weightDecay, decoupled, List.of(others));
    }

    /** Refuses groups that say how they decay, for an optimizer that has one way only. */
    static ParameterGroup[] withoutKindOfDecay(String owner, ParameterGroup... groups) {
        for (ParameterGroup group : groups) {
            if (group.decoupled().isPresent()) {
                throw new IllegalArgumentException(
                        owner + " expects groups that do not say how they decay, got one with" + " decoupled("
                                + group.decoupled().get() + "); it decays in its own way, leave that out");
            }
        }
        return groups;
    }

    /** @param separate whether each parameter is to have a span of its own */
    Attachment attachment(boolean separate) {
        return new Attachment(owner, weightDecay, decoupled, groups, separate);
    }

    String words(Attachment attachment) {
        return "weight_decay=" + weightDecay + (decoupled ? " decoupled=true" : "") + attachment.settings();
    }
}
