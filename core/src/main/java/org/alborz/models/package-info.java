/** Image classifiers known by name, a U-Net, a vision transformer, and language models with a sampler of text. */
package org.alborz.models;
