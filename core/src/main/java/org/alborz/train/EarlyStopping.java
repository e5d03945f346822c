package org.alborz.train;

/**
 * Stops when the loss, of the validation where there is one, has not become smaller for {@code patience} epochs. It
 * counts within one {@link Trainer#fit}: a run that was resumed starts to count anew.
 */
public final class EarlyStopping implements Callback {
    private final int patience;
    private double best = Double.POSITIVE_INFINITY;
    private int waited;

    public EarlyStopping(int patience) {
        if (patience < 1) {
            throw new IllegalArgumentException("EarlyStopping expects a patience of at least 1 epoch, got " + patience);
        }
        this.patience = patience;
    }

    @Override
    public void onTrainBegin(Trainer trainer) {
        best = Double.POSITIVE_INFINITY;
        waited = 0;
    }

    @Override
    public void onEpochEnd(Trainer trainer, EpochResult result) {
        double loss = result.validation() == null
                ? result.loss()
                : result.validation().loss();
        if (loss < best) {
            best = loss;
            waited = 0;
        } else if (++waited >= patience) {
            trainer.stop("the loss has not improved on " + best + " for " + patience + " epochs");
        }
    }
}
