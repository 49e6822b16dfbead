"""What a trained model is, keeps in a folder and answers; and how it comes to be."""
