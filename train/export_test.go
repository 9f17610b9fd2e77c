package train

// FeedNoise makes random draws inputs of a step, as in an exported one: tests feed both the same.
func (c *Config) FeedNoise() { c.noiseInputs = true }
