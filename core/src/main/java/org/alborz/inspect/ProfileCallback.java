package org.alborz.inspect;

import java.util.function.Consumer;
import org.alborz.text.Given;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;

/** Profiles some steps of a training: the first ones pass, since Java compiles what they run, and after the last one nothing is measured. */
public final class ProfileCallback implements Callback {
    private final int warmUp;
    private final int steps;
    private final Consumer<Profile> whenDone;
    private Profile profile;
    private int seen;

    /**
     * Makes a callback for one training.
     *
     * @param warmUp how many steps pass before
     * @param steps how many are measured; fewer where the training ends earlier
     * @param whenDone gets the profile, which is closed, at the end of the last of them; not called where none was measured
     */
    public ProfileCallback(int warmUp, int steps, Consumer<Profile> whenDone) {
        if (warmUp < 0 || steps < 1) {
            throw new IllegalArgumentException("ProfileCallback expects 0 or more steps that pass and 1 or more that"
                    + " are measured, got " + warmUp + " and " + steps);
        }
        this.warmUp = warmUp;
        this.steps = steps;
        this.whenDone = Given.value(whenDone, "ProfileCallback", "what to do with the profile");
    }

    @Override
    public void onTrainBegin(Trainer trainer) {
        if (warmUp == 0 && seen == 0) {
            profile = Profile.start(trainer.model().session());
        }
    }

    @Override
    public void onStepEnd(Trainer trainer) {
        seen++;
        if (seen == warmUp) {
            profile = Profile.start(trainer.model().session());
        } else if (seen == warmUp + steps) {
            finish();
        }
    }

    @Override
    public void onTrainEnd(Trainer trainer) {
        if (seen > warmUp) {
            finish();
        } else if (profile != null) {
            profile.close();
            profile = null;
        }
    }

    private void finish() {
        if (profile != null) {
            Profile done = profile;
            profile = null;
            done.close();
            whenDone.accept(done);
        }
    }
}
