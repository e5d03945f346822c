package org.alborz.cli;

import java.nio.file.Path;
import org.alborz.data.Dataset;

/** Where the samples of a run come from. It reads nothing before it is asked for samples. */
sealed interface DataSource permits ImageSource, TableSource, TextSource {
    Dataset training();

    /** Returns what training is watched on. */
    Dataset validation();

    /** Returns what a trained net is measured on. */
    Dataset test();

    /** Says in a line what these samples are and where they come from. */
    String describe(Dataset samples);

    /** Returns what is learned of training data, and with how many inputs and outputs. */
    Signature signature(Dataset training);

    /** Returns what a sample is called, of which so many are trained on in a second. */
    String unit();

    /** Tells whether the samples are drawn and not read. */
    boolean isGenerated();

    /** Tells whether a file is, or may be, one that samples are read from. */
    boolean reads(Path real);
}
