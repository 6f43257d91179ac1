"""What a person types behind `priced`: a small module a verb."""
